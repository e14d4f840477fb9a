import type { OpenInstance, Provider, RunContext } from '@vitest-lanes/core'
import { postgres } from '@vitest-lanes/postgres'
import { redis } from '@vitest-lanes/redis'
import { newRunId } from '@vitest-lanes/server'
import { MIGRATIONS, ROOT } from './suite.ts'

/** One Redis and one migrated database, for all files together. */
export interface SharedServers {
  /** `REDIS_URL`, `DATABASE_URL` and the like. */
  readonly env: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** Starts both servers as vitest-lanes would, but only one instance of each. Calls may follow each other. */
export async function openSharedServers(say: (line: string) => void): Promise<SharedServers> {
  const providers: [string, Provider][] = [
    ['redis', redis()],
    ['postgres', postgres({ migrate: MIGRATIONS })],
  ]
  const opened: OpenInstance[] = []
  const close = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((instance) => instance.dispose()))
    await Promise.all(providers.map(async ([, provider]) => provider.stop?.()))
  }
  const runId = newRunId()
  try {
    await Promise.all(
      providers.map(async ([resource, provider]) => {
        const run: RunContext = { resource, runId, root: ROOT, lanes: 1, instances: 1, log: say }
        await provider.start?.(run)
        opened.push(await provider.open({ number: 1, mode: 'exclusive' }))
      }),
    )
  } catch (error) {
    await close()
    throw error
  }
  return { env: Object.assign({}, ...opened.map(({ env }) => env)) as Record<string, string>, close }
}
