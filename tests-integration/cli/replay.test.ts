import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileKey } from '@vitest-lanes/core'
import type { RunRecord } from '@vitest-lanes/core'
import { describe, expect, test } from 'vitest'
import { ran, recordOf } from '../../tests-unit/report/support/record.ts'
import { events } from '../support/in-project/events.ts'
import type { Project } from '../support/project.ts'
import { lanesCommand, projectWith, put } from './support/command.ts'
import type { CommandEnd } from './support/command.ts'

/** As many lanes as `LANES` says: the machine that recorded the run had more than the one that repeats it. */
const CONFIG = `
import { lanes } from 'vitest-lanes'
export default { plugins: [lanes({ lanes: Number(process.env.LANES ?? 1), files: { 'none/**': [] } })] }`

/** Ends only if so many files are there at the same time. */
const meets = (place: string, count: number): string => `
  import { test } from 'vitest'
  import { meet } from './events.ts'
  test('meets', { timeout: 60_000 }, () => meet('${place}', ${count}))`

interface Result {
  readonly seed?: number
  readonly lanes: number
  readonly files: number
  readonly sameLane: number
  readonly sameTurn: number
  readonly overlaps: { recorded: number; repeated: number; added: number }
  readonly outcomes: readonly { file: string }[]
  readonly failures: { both: string[]; recordedOnly: string[]; repeatedOnly: string[] }
  readonly differs: readonly string[]
  readonly repeated: boolean
}

const result = ({ stdout }: CommandEnd): Result => JSON.parse(stdout) as Result

function command(project: Project, ...args: string[]): Promise<CommandEnd> {
  return lanesCommand(project.root, args, { VITEST_LANES_TEST_EVENTS: join(project.root, 'events.jsonl') })
}

async function forget(project: Project): Promise<void> {
  await rm(join(project.root, 'events.jsonl'), { force: true })
}

async function recordAt(project: Project, path: string): Promise<RunRecord> {
  return JSON.parse((await project.read(path)) ?? '') as RunRecord
}

describe('replay', () => {
  test('repeats the run of a machine with more lanes: the same files meet, in the same lanes', async () => {
    await using project = await projectWith({
      'vitest.config.ts': CONFIG,
      'a.test.ts': meets('first', 3),
      'b.test.ts': meets('first', 3),
      'c.test.ts': meets('first', 3),
      'd.test.ts': meets('second', 2),
      'e.test.ts': meets('second', 2),
    })
    const { record } = await project.run([], { env: { LANES: '3' } })
    expect(record!.lanes).toBe(3)
    await forget(project)

    const { code, stdout, stderr } = await command(project, 'replay', '--json')

    // Neither group could end if its files did not meet, and the configuration has one lane.
    const replayed = JSON.parse(stdout) as Result
    expect(stderr).toBe('')
    expect(replayed).toMatchObject({
      lanes: 3,
      files: 5,
      sameLane: 5,
      failures: { both: [], recordedOnly: [], repeatedOnly: [] },
      repeated: true,
    })
    // Three that met and two that did are four pairs; what else overlapped was a matter of milliseconds.
    expect(replayed.overlaps.repeated).toBeGreaterThanOrEqual(4)
    const kept = await recordAt(project, '.vitest-lanes/replay.json')
    expect(lanesOf(kept)).toEqual(lanesOf(record!))
    expect(await recordAt(project, '.vitest-lanes/run.json')).toEqual(record)
    expect(code).toBe(0)
  })

  test('repeats the failure of a stress run, with its order, seed and shuffled tests', async () => {
    // Fails where the other file ran before it: what that leaves is there.
    await using project = await projectWith({
      'vitest.config.ts': CONFIG,
      'leaves.test.ts': `
        import { writeFileSync } from 'node:fs'
        import { test } from 'vitest'
        test('leaves a file', () => writeFileSync('left', ''))`,
      'finds.test.ts': `
        import { existsSync, rmSync } from 'node:fs'
        import { expect, test } from 'vitest'
        import { tell } from './events.ts'
        test('one', () => tell('ran', { name: 'one' }))
        test('two', () => tell('ran', { name: 'two' }))
        test('three', () => tell('ran', { name: 'three' }))
        test('finds nothing', () => {
          const found = existsSync('left')
          rmSync('left', { force: true })
          expect(found).toBe(false)
        })`,
      'c.test.ts': "import { test } from 'vitest'; test('c', () => {})",
    })
    const names = (): unknown[] => events(join(project.root, 'events.jsonl')).map((event) => event['name'])
    const stressed = await command(
      project,
      'stress',
      '--until-fail',
      '--shuffle-tests',
      '--seed',
      '1',
      '--json',
    )
    const { runs } = JSON.parse(stressed.stdout) as { runs: { run: number; seed: number }[] }
    const last = runs.at(-1)!
    const recorded = names().slice(-3)
    await forget(project)
    await rm(join(project.root, 'left'), { force: true })

    const ended = await command(project, 'replay', '--run', String(last.run), '--json')

    expect(result(ended)).toMatchObject({
      seed: last.seed,
      sameTurn: 3,
      failures: { both: ['finds.test.ts › finds nothing'], recordedOnly: [], repeatedOnly: [] },
      repeated: true,
    })
    expect(names()).toEqual(recorded)
    expect(ended.code).toBe(0)
    const text = await command(project, 'replay', join('.vitest-lanes', 'stress'), '--run', String(last.run))
    expect(text.stdout).toContain('again')
    expect(text.stdout).toContain('It repeated: the same 1 test failed.')
  })

  test('keeps apart what was apart, where there was a lane for all', async () => {
    const fine = "import { test } from 'vitest'; test('is fine', () => {})"
    const names = ['a.test.ts', 'b.test.ts', 'c.test.ts']
    await using project = await projectWith({
      'vitest.config.ts': CONFIG,
      ...Object.fromEntries(names.map((name) => [name, fine])),
    })
    const recorded = recordOf({
      lanes: 3,
      files: [
        ran('b.test.ts', 3, [0, 0, 0, 10, 90, 95, 95], {
          parts: [{ tests: 1, lane: 3, times: { queued: 0, admitted: 0, finished: 90 } }],
        }),
        ran('c.test.ts', 1, [0, 90, 90, 100, 190, 195, 195]),
        ran('a.test.ts', 2, [0, 190, 190, 200, 290, 295, 295]),
      ],
    })
    await put(project, 'apart.json', JSON.stringify(recorded))

    const ended = await command(project, 'replay', 'apart.json', '--json')

    expect(result(ended)).toMatchObject({
      files: 3,
      sameLane: 3,
      sameTurn: 3,
      overlaps: { recorded: 0, repeated: 0, added: 0 },
    })
    expect(result(ended).differs).toContain('b.test.ts: ran in parts then, and as a whole now.')
  })

  test('ends with status 1 where other tests fail than then', async () => {
    await using project = await projectWith({
      'vitest.config.ts': CONFIG,
      'a.test.ts': `
        import { existsSync } from 'node:fs'
        import { expect, test } from 'vitest'
        test('a', () => expect(existsSync('fixed')).toBe(true))`,
    })
    await project.run()
    await project.write({ fixed: '' })

    const ended = await command(project, 'replay', '--json')

    expect(result(ended)).toMatchObject({
      outcomes: [{ file: 'a.test.ts', recorded: 'failed', repeated: 'passed' }],
      failures: { both: [], recordedOnly: ['a.test.ts › a'], repeatedOnly: [] },
      repeated: false,
    })
    expect(ended.code).toBe(1)
  })

  test('warns of what is not as it was, and goes on with what is there', async () => {
    const fine = "import { test } from 'vitest'; test('is fine', () => {})"
    await using project = await projectWith({
      'vitest.config.ts': CONFIG,
      'a.test.ts': fine,
      'b.test.ts': fine,
      'c.test.ts': fine,
    })
    const { record } = await project.run()
    await rm(join(project.root, 'b.test.ts'))
    await project.write({ 'c.test.ts': `${fine}\n` })
    const other = {
      ...record!,
      vitestLanes: '0.0.1',
      vitest: '4.1.0',
      node: '18.0.0',
      platform: 'darwin arm64',
    }
    await put(project, 'ci/run.json', JSON.stringify(other))

    const ended = await command(project, 'replay', 'ci/run.json', '--json')

    expect(result(ended)).toMatchObject({ files: 2, repeated: true })
    expect(result(ended).differs.join('\n')).toMatch(
      /vitest-lanes: 0\.0\.1 then[^]*Vitest: 4\.1\.0 then[^]*Node\.js: 18\.0\.0 then[^]*darwin arm64 then[^]*b\.test\.ts: no longer there\.\nc\.test\.ts: not what it was\./,
    )
    expect(ended.stderr).toContain('differs b.test.ts: no longer there.')
    expect(ended.code).toBe(0)
  })

  test('warns of another commit, and of code that was written since', async () => {
    const files = {
      'vitest.config.ts': CONFIG,
      'code.ts': 'export const answer = 42',
      'a.test.ts': "import { test } from 'vitest'; import './code.ts'; test('is fine', () => {})",
      '.gitignore': 'node_modules\nevents\n',
    }
    await using project = await projectWith(files)
    const git = (...args: string[]) =>
      promisify(execFile)('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], {
        cwd: project.root,
      })
    await git('init', '--quiet')
    await git('add', '.')
    await git('commit', '--quiet', '--message', 'one')
    const { record } = await project.run()
    await put(project, 'one.json', JSON.stringify(record))
    expect(result(await command(project, 'replay', 'one.json', '--json')).differs).toEqual([])

    await project.write({ 'code.ts': 'export const answer = 43' })
    const written = await command(project, 'replay', 'one.json', '--json')
    expect(result(written).differs).toEqual(['code.ts: written since.'])

    await git('commit', '--quiet', '--all', '--message', 'two')
    const committed = await command(project, 'replay', 'one.json', '--json')
    const then = record!.commit!.slice(0, 8)
    expect(result(committed).differs.join()).toMatch(
      new RegExp(`^the commit: ${then} then, [0-9a-f]{8} now\\.$`),
    )
  })

  test('repeats the files of a shard alone, and of an interrupted run those that had begun', async () => {
    const fine = "import { test } from 'vitest'; test('is fine', () => {})"
    const names = ['a', 'b', 'c', 'd'].map((name) => `${name}.test.ts`)
    await using project = await projectWith({
      'vitest.config.ts': CONFIG,
      ...Object.fromEntries(names.map((name) => [name, fine])),
    })
    const { record } = await project.run(['--shard=1/2'])
    expect(record!.files).toHaveLength(2)

    await command(project, 'replay')
    const replayed = await recordAt(project, '.vitest-lanes/replay.json')
    expect(replayed.files.map(fileKey).toSorted()).toEqual(record!.files.map(fileKey).toSorted())

    const [first, second] = record!.files
    const cut: RunRecord = {
      ...record!,
      outcome: 'interrupted',
      files: [first!, { ...second!, outcome: 'cancelled', times: { queued: 0 } }],
    }
    await put(project, 'cut.json', JSON.stringify(cut))
    const ended = await command(project, 'replay', 'cut.json', '--json')
    expect(result(ended).files).toBe(1)
    expect(result(ended).differs).toEqual([
      'The recorded run was interrupted: it is repeated as far as it came.',
      '1 file of the recorded run never ran, and does not now.',
    ])
  })

  test('says what there is where a record is missing', async () => {
    await using project = await projectWith({
      'a.test.ts': "import { test } from 'vitest'; test('a', () => {})",
    })

    const none = await command(project, 'replay')
    expect(none.stderr).toContain('There is no run record at')
    expect(none.code).toBe(2)
    await command(project, 'stress', '--runs', '2')
    const unknown = await command(project, 'replay', '--run', '7')
    expect(unknown.stderr).toContain('There are those of 1, 2.')
    expect(unknown.stderr).toContain('[LANES_RECORD_MISSING]')
    expect(unknown.code).toBe(2)
    await rm(join(project.root, 'a.test.ts'))
    await project.write({ 'b.test.ts': "import { test } from 'vitest'; test('b', () => {})" })
    const gone = await command(project, 'replay', '--run', '1')
    expect(gone.stderr).toContain('[LANES_NO_FILES]')
    expect(gone.code).toBe(2)
  })
})

function lanesOf({ files }: RunRecord): Record<string, number | undefined> {
  return Object.fromEntries(
    files.map((file) => [fileKey(file), file.lane] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}
