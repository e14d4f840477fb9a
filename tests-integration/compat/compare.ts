import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
// What imports it makes projects with what the leg has installed.
import { IN_PARTS } from './leg.ts'
import { outcomes } from '../support/outcome.ts'
import { snapshotFiles } from './suite.ts'
import type { Project, RunOptions, VitestRun } from '../support/project.ts'

const JUNIT = 'junit.xml'

export interface CompareOptions extends RunOptions {
  /** Makes the project as it was, before each of the two runs. A run may have written snapshots. */
  readonly before?: () => Promise<void>
}

/** Runs a project with and without the plugin, and expects the same of both. Returns the run with it. */
export async function expectSame(
  project: Project,
  args: readonly string[] = [],
  options: CompareOptions = {},
): Promise<VitestRun> {
  const { stock, lanes } = await inBoth(async (env) => {
    await (options.before ?? (() => asWritten(project)))()
    const run = await runReported(project, args, { ...options, env: { ...options.env, ...env } })
    return { run, same: await reported(project, run) }
  })
  expect(lanes.same).toEqual(stock.same)
  expect(stock.run.report?.numTotalTests).toBeGreaterThan(0)
  return lanes.run
}

/** Does the same in plain Vitest, then with the plugin; in a leg of parts once before that, so that tests are known. */
export async function inBoth<T>(
  act: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<{ stock: T; lanes: T }> {
  const env = IN_PARTS ? { IN_PARTS: '1' } : {}
  const stock = await act({ STOCK: '1' })
  if (IN_PARTS) await act(env)
  return { stock, lanes: await act(env) }
}

/** `vitest run` with all the reports that `reported` reads. */
export function runReported(
  project: Project,
  args: readonly string[],
  options: RunOptions,
): Promise<VitestRun> {
  return project.run(['--reporter=junit', `--outputFile.junit=${JUNIT}`, ...args], options)
}

/** What a run must have in common with one of plain Vitest. */
export async function reported(project: Project, run: VitestRun): Promise<unknown> {
  return {
    code: run.code,
    tests: outcomes(project, run),
    totals: totals(run),
    junit: plainJunit((await project.read(JUNIT)) ?? ''),
    // Snapshots, beside the tests and in them.
    texts: await textsOf(project, 'tests'),
  }
}

async function textsOf({ root }: Project, folder: string): Promise<Record<string, string>> {
  const names = await readdir(join(root, folder), { recursive: true }).catch((): string[] => [])
  const texts = names
    .filter((name) => /\.\w+$/.test(name))
    .sort()
    .map(async (name) => [name, await readFile(join(root, folder, name), 'utf8')] as const)
  return Object.fromEntries(await Promise.all(texts))
}

async function asWritten(project: Project): Promise<void> {
  const [path = ''] = Object.keys(snapshotFiles())
  if ((await project.read(path)) === undefined) return
  await rm(join(project.root, 'tests/one/__snapshots__'), { recursive: true, force: true })
  await project.write(snapshotFiles())
}

function totals({ report }: VitestRun): unknown {
  const entries = Object.entries(report ?? {}).filter(([name]) => /^num|^success|^snapshot/.test(name))
  return Object.fromEntries(entries)
}

/** Suites in order of their name, without times, machine, and what the plugin adds. */
function plainJunit(xml: string): string[] {
  const plain = xml
    .replaceAll(/ (time|timestamp|hostname)="[^"]*"/g, '')
    .replaceAll(/\s*<properties>[\s\S]*?<\/properties>|<\/testsuites>/g, '')
    // Where the plugin names the file whose worker has gone, and Vitest (5.1.1) the pool.
    .replaceAll(/(<testsuite name="vitest unhandled errors"[^>]*>)[^]*?(?=<\/testsuite>)/g, '$1')
  return plain
    .split(/(?=<testsuite )/)
    .map((text) => text.replaceAll(/\s+/g, ' ').trim())
    .sort()
}
