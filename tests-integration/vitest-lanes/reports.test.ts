import { randomUUID } from 'node:crypto'
import { platform } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { currentInstallation } from '../support/installation.ts'
import { createProject } from '../support/project.ts'
import type { Project } from '../support/project.ts'
import { config, file } from '../support/sources.ts'
import { canOpenTerminal, inTerminal, withoutEscapes } from '../support/terminal.ts'
import { startProcess } from '../support/vitest-process.ts'
import type { VitestProcess } from '../support/vitest-process.ts'

describe('a test that fails', () => {
  test('says in the reports of Vitest what ran beside it, and on which instances', async () => {
    await using project = await createProject({
      'vitest.config.ts': config(
        "{ lanes: 2, resources: { box: told('box') }, files: { 'box/**': ['box'] } }",
      ),
      'box/fails.test.ts': file("await meet('both', 2); expect('mine').toBe('theirs')"),
      'box/beside.test.ts': file("await meet('both', 2)"),
    })

    const run = await project.run(['--reporter=junit', '--outputFile.junit=junit.xml'])

    expect(run.code).toBe(1)
    const place = /lane [12] on box [12], beside box\/beside\.test\.ts \(lane [12] on box [12]\)/
    expect(run.stderr).toMatch(new RegExp(`lanes\\n.*${place.source}`))
    const junit = (await project.read('junit.xml'))!
    expect(junit).toMatch(new RegExp(`<property name="lanes" value="${place.source}">`))
    const suites = junit.split('<testsuite ').slice(1)
    expect(suites).toHaveLength(2)
    for (const suite of suites) {
      expect(suite).toMatch(/<property name="lanes\.lane" value="[12]"\/>/)
      expect(suite).toMatch(/<property name="lanes\.instances" value="box [12]"\/>/)
    }
    const [failed] = run.record!.files.filter(({ outcome }) => outcome === 'failed')
    const { name, from, to } = failed!.failedTests![0]!
    expect(name).toBe('works')
    expect(from).toBeGreaterThanOrEqual(failed!.times.started!)
    expect(to).toBeLessThanOrEqual(failed!.times.finished!)
  })
})

test('the record says when the imports of a file had run, and where it can be read, its CPU', async () => {
  await using project = await createProject({
    'vitest.config.ts': config('{ resources: { one: {} } }'),
    'a.test.ts': file(
      'const { user } = process.cpuUsage(); while (process.cpuUsage().user < user + 300_000);',
    ),
  })

  const { record } = await project.run()

  const { times, cpu } = record!.files[0]!
  expect(times.collected).toBeGreaterThanOrEqual(times.started!)
  expect(times.collected).toBeLessThanOrEqual(times.finished!)
  expect(cpu).toSatisfy((ms?: number) => (platform() === 'linux' ? ms! >= 300 : ms === undefined))
})

describe.runIf(canOpenTerminal())('in a terminal', () => {
  const WAITING = {
    'vitest.config.ts': config("{ lanes: 2, resources: { stripe: {} }, files: { 'pay/**': ['stripe'] } }"),
    'pay/refund.test.ts': file(
      "tell('holds'); await until((told) => told.some(({ what }) => what === 'seen'))",
    ),
    'pay/charge.test.ts': file(
      "tell('holds'); await until((told) => told.some(({ what }) => what === 'seen'))",
    ),
  }

  test('one line above the summary says what is busy and who keeps others waiting', async () => {
    await using project = await createProject(WAITING)
    const run = startInTerminal(project, ['run'])

    await run.until((output) => /held by pay\/(refund|charge)\.test\.ts for \d+ s/.test(output))
    await project.write({ 'events.jsonl': '{"what":"seen"}\n' })
    const { code, stdout } = await run.ended

    expect(code).toBe(0)
    const lines = withoutEscapes(stdout).split(/[\r\n]+/)
    const first = lines.find((line) => line.includes('held by'))!
    expect(first).toMatch(
      /^ lanes {2}1 of 2 lanes busy · 1 waiting · 1 file waits for stripe, held by pay\/\w+\.test\.ts for \d+ s$/,
    )
    // Above the summary, and in its place: it is drawn anew with it, and gone when it is.
    expect(lines.slice(lines.indexOf(first)).join('\n')).toMatch(/Test Files[^]*Duration/)
    const end = lines.slice(lines.findLastIndex((line) => line.includes('Start at')))
    expect(end.filter((line) => line.includes('lanes busy'))).toEqual([])
    expect(end.join('\n')).toContain('2 lanes · 2 files')
  })

  test.each([[['--silent']], [['--reporter=json']], [['--reporter=default', '--reporter=json']]])(
    'nothing is said with %s',
    async (args) => {
      await using project = await createProject({
        ...WAITING,
        'pay/refund.test.ts': file(''),
        'pay/charge.test.ts': file(''),
      })
      const { code, stdout } = await startInTerminal(project, ['run', ...args]).ended
      expect(code).toBe(0)
      expect(withoutEscapes(stdout)).not.toMatch(/^ lanes /m)
    },
  )
})

function startInTerminal(project: Project, args: readonly string[]): VitestProcess {
  const { node, packages } = currentInstallation()
  const vitest = join(packages['vitest']!, 'vitest.mjs')
  const [program, ...rest] = inTerminal([node, vitest, ...args], 120)
  const child = startProcess(program, rest, {
    cwd: project.root,
    marker: randomUUID(),
    env: { TERM: 'xterm', VITEST_LANES_TEST_EVENTS: join(project.root, 'events.jsonl') },
  })
  onTestFinished(() => child.end())
  return child
}
