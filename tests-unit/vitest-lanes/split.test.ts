import { describe, expect, test } from 'vitest'
import { lanes } from 'vitest-lanes'
import { ownersOf } from '@vitest-lanes/core'
import { whyWholeText } from '../../packages/vitest-lanes/src/files/split-text.ts'
import { Recorder } from '../../packages/vitest-lanes/src/run/recorder.ts'
import { callOf, callTo } from '../../packages/vitest-lanes/src/vitest/messages.ts'
import { retell } from '../../packages/vitest-lanes/src/vitest/retell.ts'
import { Transcript } from '../../packages/vitest-lanes/src/vitest/transcript.ts'

describe('a file runs whole that says', () => {
  test.each([
    ['test.only("a", () => {})', 'it has an `only`'],
    ['describe("a", { only: true }, () => {})', 'it has an `only`'],
    ['describe.sequential("a", () => {})', 'it has `sequential` tests'],
    ['test("a", { concurrent: false }, () => {})', 'it has `sequential` tests'],
    ['describe.shuffle("a", () => {})', 'it shuffles its tests'],
    ['bench("a", () => {})', 'it has benchmarks'],
  ])('%s', (text, why) => {
    expect(whyWholeText(text, [])).toBe(why)
  })

  test('that it is not to be split', () => {
    expect(whyWholeText('', ['redis', 'unsplit'])).toBe('it is tagged `unsplit`')
  })

  test('another may run in parts', () => {
    expect(
      whyWholeText('test("only", () => {}); describe.concurrent("a", () => {})', ['redis']),
    ).toBeUndefined()
  })
})

describe('the option `split`', () => {
  test.each([
    ['true', true, '`split`'],
    ['a name that does not exist', 'always', '`split`'],
    ['no files', {}, '`split.files`'],
    ['a text for files', { files: 'a.test.ts' }, '`split.files`'],
    ['one part', { files: ['**'], parts: 1 }, '`split.parts`'],
    ['a name of an option that does not exist', { files: ['**'], part: 2 }, 'mean `parts`'],
  ])('cannot be %s', (_, split, says) => {
    expect(() => lanes({ split } as never)).toThrow(says)
  })

  test.each([['auto'], [false], [{ files: ['a.test.ts'] }], [{ files: ['**'], parts: 2 }]])(
    'can be %j',
    (split) => {
      expect(() => lanes({ split } as never)).not.toThrow()
    },
  )
})

describe('a transcript', () => {
  test('leaves to Vitest what only it can answer', () => {
    const transcript = new Transcript(new Set())
    expect(transcript.hear(callTo('fetch', ['/a.ts']))).toBeUndefined()
    expect(transcript.hear({ __vitest_worker_response__: true, type: 'testfileFinished' })).toBeUndefined()
  })

  test.each([
    ['a test of its own fails', update('1_0', 'fail', 'test-finished'), 'a test failed'],
    ['a hook fails', update('1', 'fail', 'suite-finished'), 'a hook failed: no'],
    [
      'an error is not handled',
      callTo('onUnhandledError', [{ message: 'lost' }, 'Unhandled Rejection']),
      'lost',
    ],
    [
      'a test attaches a file',
      callTo('onTaskArtifactRecord', ['1_0', { annotation: { attachment: { path: 'a.png' } } }]),
      'a test attached a file',
    ],
    ['a snapshot is new', snapshotSaved({ added: 1 }), 'its snapshots'],
    ['a snapshot is obsolete', snapshotSaved({ unchecked: 1 }), 'its snapshots'],
  ])('has a problem when %s', (_, message, why) => {
    const transcript = new Transcript(new Set(['1_0']))
    expect(transcript.hear(message)).toBeDefined()
    expect(transcript.problem?.why).toContain(why)
  })

  test('has a problem when a worker says what it cannot understand', () => {
    const transcript = new Transcript(new Set(['1_0']))
    expect(transcript.hear(callTo('onTaskUpdate', [undefined]))).toBeDefined()
    expect(transcript.problem?.why).toContain('something unknown')
  })

  test('has none when a test fails and is tried again', () => {
    const transcript = new Transcript(new Set(['1_0']))
    transcript.hear(update('1_0', 'fail', 'test-retried'))
    transcript.hear(update('1_0', 'pass', 'test-finished'))
    expect(transcript.problem).toBeUndefined()
  })
})

test('what parts print of their file is told once, and of their tests by the part that has the test', () => {
  const tests = ['1_0', '1_1']
  const parts = tests.map((own) => {
    const part = new Transcript(new Set([own]))
    const task = (id: string) => ({ id, name: id, type: 'test', mode: id === own ? 'run' : 'skip' })
    const say = (taskId: string, content: string) =>
      part.hear(callTo('onUserConsoleLog', [{ taskId, type: 'stdout', content }]))
    say('1', 'imported')
    part.hear(
      callTo('onCollected', [[{ id: '1', name: 'a', type: 'suite', mode: 'run', tasks: tests.map(task) }]]),
    )
    say('1', 'before all')
    say('1', `only ${own}`)
    say('1_0', 'of the first')
    say('1_0', 'of the first')
    return part
  })
  const { calls } = retell(parts, ownersOf(tests.map((id) => [id])))
  const logs = calls.flatMap((call) => {
    const { method, args } = callOf(call)!
    return method === 'onUserConsoleLog' ? [(args[0] as { content: string }).content] : []
  })
  expect(logs).toEqual(['imported', 'before all', 'only 1_0', 'of the first', 'of the first', 'only 1_1'])
})

test('the record of a file in parts has the times of all of them', () => {
  const recorder = new Recorder()
  recorder.add('a', {
    file: 'a.test.ts',
    project: '',
    claims: [{ resource: 'box', mode: 'exclusive' }],
    estimate: 0,
  })
  for (const number of [1, 2]) {
    const clock = recorder.addPart('a', number)
    clock.admitted({ id: '', lane: number, instances: { box: number, alone: 1 }, modes: {} })
    clock.started(undefined)
    clock.finished()
    if (number === 1) clock.note('exited')
  }
  const file = recorder.get('a')!
  expect(file).toMatchObject({
    lane: 1,
    instances: { box: 1 },
    parts: [
      { tests: 1, lane: 1 },
      { tests: 2, lane: 2 },
    ],
  })
  expect(file.times.finished).toBe(file.parts![1]!.times.finished)
  // The second one still lives.
  expect(file.times.exited).toBeUndefined()
  expect(file).not.toHaveProperty('again')
})

function snapshotSaved(more: Readonly<Record<string, number>>): unknown {
  const none = { filepath: 'a', added: 0, fileDeleted: false, matched: 1, unchecked: 0, uncheckedKeys: [] }
  return callTo('snapshotSaved', [{ ...none, unmatched: 0, updated: 0, ...more }])
}

function update(id: string, state: string, event: string): unknown {
  return callTo('onTaskUpdate', [
    [[id, { state, errors: [{ message: 'no\nmore' }] }, {}]],
    [[id, event, undefined]],
  ])
}
