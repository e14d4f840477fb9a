import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { outcomes } from '../support/outcome.ts'
import { snapshotFiles } from './suite.ts'
import type { Project, RunOptions, VitestRun } from '../support/project.ts'

const JUNIT = 'junit.xml'

/** Runs a project with and without the plugin, and expects the same of both. Returns the run with it. */
export async function expectSame(
  project: Project,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<VitestRun> {
  const stock = await seen(project, args, { ...options, env: { ...options.env, STOCK: '1' } })
  const lanes = await seen(project, args, options)
  expect(lanes.same).toEqual(stock.same)
  expect(stock.run.report?.numTotalTests).toBeGreaterThan(0)
  return lanes.run
}

async function seen(
  project: Project,
  args: readonly string[],
  options: RunOptions,
): Promise<{ run: VitestRun; same: unknown }> {
  // A run before it may have written snapshots.
  await rm(join(project.root, 'tests/one/__snapshots__'), { recursive: true, force: true })
  await project.write(snapshotFiles())
  const all = ['--reporter=junit', `--outputFile.junit=${JUNIT}`, ...args]
  const run = await project.run(all, options)
  return {
    run,
    same: {
      code: run.code,
      tests: outcomes(project, run),
      totals: totals(run),
      junit: plainJunit(await readFile(join(project.root, JUNIT), 'utf8')),
      snapshots: await snapshots(project),
    },
  }
}

function totals({ report }: VitestRun): unknown {
  const entries = Object.entries(report ?? {}).filter(([name]) => /^num|^success|^snapshot/.test(name))
  return Object.fromEntries(entries)
}

/** Suites in order of their name, without times, machine, and what the plugin adds. */
function plainJunit(xml: string): string[] {
  const plain = xml
    .replaceAll(/ (time|timestamp|hostname)="[^"]*"/g, '')
    .replaceAll(/\s*<properties>[\s\S]*?<\/properties>/g, '')
  return plain
    .split(/(?=<testsuite )/)
    .map((text) => text.replaceAll(/\s+/g, ' ').trim())
    .sort()
}

async function snapshots({ root }: Project): Promise<Record<string, string>> {
  const names = (await readdir(root, { recursive: true })).filter(
    (name) => name.endsWith('.snap') && !name.includes('node_modules'),
  )
  const texts = names.sort().map(async (name) => [name, await readFile(join(root, name), 'utf8')] as const)
  return Object.fromEntries(await Promise.all(texts))
}
