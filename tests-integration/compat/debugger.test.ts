import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { currentInstallation } from '../support/installation.ts'
import { createProject } from '../support/project.ts'
import type { Project } from '../support/project.ts'
import { config, file } from '../support/sources.ts'
import { startProcess } from '../support/vitest-process.ts'
import { inBoth } from './compare.ts'

const FILES = {
  'vitest.config.ts': config("{ lanes: 3, resources: { box: told('box') }, files: { 'box/**': ['box'] } }"),
  'box/a.test.ts': file('debugger; tell(String(1 + 1))'),
}

describe('A debugger', () => {
  test('with --inspect-brk stops where it does in plain Vitest, and the file passes', async () => {
    await using project = await createProject(FILES)
    const { stock, lanes } = await inBoth((env) => debugged(project, env))

    expect(lanes).toEqual(stock)
    expect(lanes.code).toBe(0)
    expect(lanes.breaks).toBeGreaterThan(0)
  })

  test('with several workers is refused as in plain Vitest', async () => {
    await using project = await createProject(FILES)
    const args = ['run', '--inspect-brk', '--maxWorkers=2']
    const { stock, lanes } = await inBoth((env) => project.vitest(args, { env }).ended)

    expect(lanes.code).toBe(stock.code)
    expect(lanes.stderr).toContain('You cannot use --inspect-brk without "--no-file-parallelism"')
  })

  test('where no number of workers is given follows one file at a time, or is refused as in plain Vitest', async () => {
    await using project = await createProject({ ...FILES, 'box/b.test.ts': file('') })
    const { stock, lanes } = await inBoth(async (env) =>
      project.run([`--inspect=127.0.0.1:${await freePort()}`], { env }),
    )

    expect(lanes.code).toBe(stock.code)
    expect(lanes.record?.lanes).toBe(stock.code === 0 ? 1 : undefined)
  })
})

/** Runs a project of one file with a debugger that goes on from each break. */
async function debugged(
  project: Project,
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; breaks: number }> {
  const address = `127.0.0.1:${await freePort()}`
  const run = project.start([`--inspect-brk=${address}`, '--no-file-parallelism'], { env })
  await run.until((output) => output.includes('Debugger listening'))
  const inspector = startProcess(currentInstallation().node, ['inspect', address], {
    cwd: project.root,
    marker: 'inspector',
    env: {},
  })
  onTestFinished(() => inspector.end())
  let breaks = 0
  const ended = inspector.until((output) => {
    const count = output.match(/break in /g)?.length ?? 0
    for (; breaks < count; breaks++) inspector.type('cont\n')
    return false
  })
  ended.catch(() => {})
  // A worker does not end while a debugger is attached.
  await run.told((all) => all.some(({ what }) => what === '2'))
  inspector.end()
  return { code: (await run.ended).code, breaks }
}
