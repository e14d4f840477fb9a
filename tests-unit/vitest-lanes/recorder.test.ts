import { platform } from 'node:os'
import { describe, expect, test } from 'vitest'
import { Recorder } from '../../packages/vitest-lanes/src/run/recorder.ts'

const FILE = { project: '', claims: [], estimate: 0 }
const LEASE = { id: '', lane: 1, instances: {}, modes: {} }

/** Of this process, in ms: asking for it takes the system some time, too. */
function used(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function burn(ms: number): void {
  const end = used() + ms
  // To ask all the time would be work of the system's, which Linux rounds down by itself, beside the user's.
  for (let sum = 0; used() < end;) for (let i = 0; i < 10_000; i++) sum += Math.sqrt(i)
}

describe('the recorder', () => {
  test.runIf(platform() === 'linux')('counts the CPU of each file that a process runs', () => {
    const recorder = new Recorder()
    const run = (name: string): number => {
      const clock = recorder.add(name, { ...FILE, file: name })
      clock.admitted({ ...LEASE, id: name })
      clock.started(process.pid)
      burn(100)
      clock.finished()
      return recorder.get(name)!.cpu!
    }
    // Linux tells hundredths of a second, and rounds down the user's work and the system's each by itself.
    const least = 100 - 2 * 10
    const before = used()
    expect(run('first.test.ts')).toBeGreaterThanOrEqual(before + least)
    const second = run('second.test.ts')
    expect(second).toBeGreaterThanOrEqual(least)
    expect(second).toBeLessThan(before + 100)
  })

  test('knows no CPU of a process that has gone', () => {
    const recorder = new Recorder()
    const clock = recorder.add('a', { ...FILE, file: 'a.test.ts' })
    clock.admitted(LEASE)
    clock.started(2 ** 30)
    clock.finished()
    expect(recorder.get('a')).not.toHaveProperty('cpu')
  })

  test('tells a test that failed what ran while it did, and what still runs', () => {
    const recorder = new Recorder()
    for (const [lane, name] of ['a', 'b', 'c', 'd'].entries()) {
      const clock = recorder.add(name, { ...FILE, file: `${name}.test.ts` })
      // The last one still waits.
      if (name !== 'd') clock.admitted({ ...LEASE, id: name, lane: lane + 1 })
    }
    const noted = recorder.failedTest('b', 'suite > test', { from: Date.now(), duration: 5 })
    expect(noted?.file).toMatchObject({ file: 'b.test.ts', lane: 2 })
    expect(noted?.beside.map(({ file, lane }) => [file, lane])).toEqual([
      ['a.test.ts', 1],
      ['c.test.ts', 3],
    ])
    expect(recorder.get('b')?.failedTests).toMatchObject([{ name: 'suite > test' }])
  })

  test('notes nothing of a test in a file that is not its own', () => {
    const noted = new Recorder().failedTest('elsewhere', 'test', { from: Date.now(), duration: 5 })
    expect(noted).toBeUndefined()
  })
})
