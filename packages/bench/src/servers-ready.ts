import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Engine } from '@vitest-lanes/server'
import { commonEngines } from './engines.ts'
import { judge } from './judge.ts'
import { median } from './median.ts'
import type { BenchResult } from './result.ts'

const CHILD = fileURLToPath(new URL('./ready-child.js', import.meta.url))
const LIMITS = { embedded: { fresh: 2500, cached: 250 }, native: { fresh: 1200, cached: 150 } } as const
const ROUNDS = { fresh: 3, cached: 7 } as const

/** Until a first Redis and a first migrated database can be used, in a process that has loaded nothing yet. */
export async function serversReady(): Promise<BenchResult[]> {
  const results: BenchResult[] = []
  for (const engine of await commonEngines()) {
    const fresh: number[] = []
    const cached: number[] = []
    for (let round = 0; round < ROUNDS.fresh; round++) {
      const place = await mkdtemp(join(tmpdir(), 'vl-bench-'))
      try {
        const once = await prepare(place, engine)
        fresh.push(await once())
        for (let again = 0; again < Math.ceil(ROUNDS.cached / ROUNDS.fresh); again++)
          cached.push(await once())
      } finally {
        await rm(place, { recursive: true, force: true })
      }
    }
    const { fresh: freshLimit, cached: cachedLimit } = LIMITS[engine]
    results.push(
      judge(`postgres.both-ready-${engine}`, median(fresh), 'ms', freshLimit),
      judge(`postgres.both-ready-${engine}-cached`, median(cached), 'ms', cachedLimit),
    )
  }
  return results
}

/** A temporary folder without a cache in it, and what starts both servers with that. */
async function prepare(place: string, engine: Engine): Promise<() => Promise<number>> {
  const temp = join(place, 't')
  await mkdir(temp)
  // Root's servers run as another user.
  for (const folder of [place, temp]) await chmod(folder, 0o755)
  await writeFile(join(place, 'migration.sql'), 'CREATE TABLE jobs (id int PRIMARY KEY);')
  return async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [CHILD, engine, place], {
      env: { ...process.env, TMPDIR: temp },
    })
    return Number(stdout)
  }
}
