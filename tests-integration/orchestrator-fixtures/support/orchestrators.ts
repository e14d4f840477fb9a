import { Redis } from 'ioredis'
import { vi } from 'vitest'

export type Orchestrator = typeof import('@vitest-lanes/orchestrator')

interface Opened {
  readonly orchestrator: Orchestrator
  readonly env: Readonly<Record<string, string>>
  readonly close: () => Promise<void>
}

/** Copies of the application, one for each test that runs. */
export interface Orchestrators {
  open(databaseUrl: string): Promise<Opened>
}

/** Logical databases of the file's own server, beside the one that the fixtures use. */
const DATABASES = 15

/**
 * The application keeps one queue and one pool a process, and its queue takes no prefix. So each test imports a copy of
 * it, with a logical database of the file's own Redis.
 */
export function createOrchestrators(): Orchestrators {
  const free = Array.from({ length: DATABASES }, (_, index) => index + 1)
  let imported: Promise<unknown> = Promise.resolve()

  /** One after the other: an import that begins meanwhile would share modules with this one. */
  function freshCopy(): Promise<Orchestrator> {
    const copy = imported.then(() => {
      vi.resetModules()
      return import('@vitest-lanes/orchestrator')
    })
    imported = copy.catch(() => undefined)
    return copy
  }

  return {
    async open(databaseUrl) {
      const number = free.shift()
      if (number === undefined) throw new Error('More tests run at once than Redis has databases')
      const redisUrl = new URL(process.env['REDIS_URL'] ?? '')
      redisUrl.pathname = `/${number}`
      const env = { REDIS_URL: redisUrl.href, DATABASE_URL: databaseUrl }
      const orchestrator = await freshCopy()
      connect(orchestrator, env)
      return {
        orchestrator,
        env,
        async close() {
          await orchestrator.closeQueue()
          await orchestrator.closeClients()
          const redis = new Redis(redisUrl.href)
          await redis.flushdb()
          redis.disconnect()
          free.push(number)
        },
      }
    },
  }
}

/** The application reads its variables when it connects: in one go, so that no other test sees them. */
function connect(orchestrator: Orchestrator, env: Readonly<Record<string, string>>): void {
  const before = { ...process.env }
  try {
    Object.assign(process.env, env)
    orchestrator.getQueue()
    orchestrator.getFlowProducer()
    orchestrator.getPool()
  } finally {
    for (const name of Object.keys(env)) process.env[name] = before[name]
  }
}
