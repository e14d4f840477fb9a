import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import type { Project } from '../support/project.ts'
import { config, file } from '../support/sources.ts'
import { inBoth } from './compare.ts'
import { FULL } from './leg.ts'

const FILES = {
  'vitest.config.ts': config(
    "{ lanes: 3, resources: { box: told('box') }, files: { 'tests/**': ['box'] } }",
    "{ coverage: { include: ['src/**'], reporter: ['json', 'json-summary'], reportsDirectory: 'coverage' } }",
  ),
  'src/shapes.ts': `
    export function area(shape: { kind: string; size: number }): number {
      if (shape.kind === 'square') return shape.size ** 2
      if (shape.kind === 'circle') return Math.PI * shape.size ** 2
      return shape.size > 0 ? 1 : 0
    }
    export const unused = () => 'never'
    export class Box { open() { return area({ kind: 'square', size: 2 }) } close() { return 0 } }
  `,
  'src/never.ts': 'export const never = (flag: boolean) => (flag ? 1 : 2)\n',
  'tests/square.test.ts': file(
    "const { area } = await import('/src/shapes.ts'); expect(area({ kind: 'square', size: 2 })).toBe(4)",
  ),
  'tests/circle.test.ts': file(
    "const { area } = await import('/src/shapes.ts'); expect(area({ kind: 'circle', size: 1 })).toBe(Math.PI)",
  ),
  'tests/box.test.ts': file(
    "const { Box } = await import('/src/shapes.ts'); expect(new Box().open()).toBe(4)",
  ),
}

let project: Project
beforeAll(async () => {
  project = await createProject(FILES)
})
afterAll(() => project[Symbol.asyncDispose]())

const PROVIDERS = ['v8', 'istanbul']
const POOLS = FULL ? ['forks', 'threads', 'vmForks', 'vmThreads'] : ['forks']
const CELLS = PROVIDERS.flatMap((provider) => POOLS.map((pool) => [provider, pool] as const))

describe('Coverage', () => {
  test.each(CELLS)('by %s in %s has the same figures', async (provider, pool) => {
    const { stock, lanes } = await inBoth((env) => figures([...covered(provider), `--pool=${pool}`], env))

    // In VM contexts, how often a line counts depends on how many files its process has run before (4.1.12).
    const counts = pool.startsWith('vm') ? withoutCounts : (figures: Figures) => figures
    expect(counts(lanes)).toEqual(counts(stock))
    const { total } = stock.summary as { total: { lines: { pct: number } } }
    expect(total.lines.pct).toBeGreaterThan(0)
    expect(total.lines.pct).toBeLessThan(100)
  })

  test.runIf(FULL).each(PROVIDERS)('by %s below its threshold fails the run', async (provider) => {
    const args = [...covered(provider), '--coverage.thresholds.lines=100']
    const { stock, lanes } = await inBoth((env) => figures(args, env))

    expect(lanes).toEqual(stock)
    expect(lanes.code).toBe(1)
  })

  test.each(PROVIDERS.slice(FULL ? 0 : 1))('by %s is merged from the blobs of shards', async (provider) => {
    const whole = await figures(covered(provider), { STOCK: '1' })
    for (const folder of ['.vitest-reports', '.vitest'])
      await rm(join(project.root, folder), { recursive: true, force: true })
    for (const shard of ['1/2', '2/2'])
      await project.vitest(['run', '--reporter=blob', `--shard=${shard}`, ...covered(provider)]).ended
    const merged = await figures([...covered(provider), '--merge-reports'], {})

    expect(merged).toEqual(whole)
  })
})

interface Figures {
  readonly code: number | null
  readonly summary: unknown
  readonly detail: unknown
}

/** What has been run, not how often. */
function withoutCounts({ detail, ...rest }: Figures): Figures {
  const text = JSON.stringify(detail, (key, value: unknown) =>
    typeof value === 'number' && /^\d+$/.test(key) ? value > 0 : value,
  )
  return { ...rest, detail: JSON.parse(text) as unknown }
}

const covered = (provider: string) => ['--coverage.enabled', `--coverage.provider=${provider}`]

async function figures(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Figures> {
  await rm(join(project.root, 'coverage'), { recursive: true, force: true })
  const { code } = await project.run(args, { env })
  return {
    code,
    summary: await json('coverage/coverage-summary.json'),
    detail: await json('coverage/coverage-final.json'),
  }
}

async function json(path: string): Promise<unknown> {
  return JSON.parse((await project.read(path)) ?? 'null')
}
