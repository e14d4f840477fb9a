import type { Provider, RunContext, Started } from '@vitest-lanes/core'
import { serveInstances, type Databases } from './databases.ts'
import type { PostgresOptions } from './options.ts'
import { resolveOptions } from './resolve-options.ts'

/**
 * A database for each test file, cloned from a migrated template; files that share one get a common one, read-only.
 * The server is one of this machine that we start, or an embedded one.
 * @throws LANES_OPTION_UNKNOWN, LANES_OPTION_INVALID
 */
export function postgres(options: PostgresOptions = {}): Provider {
  const resolved = resolveOptions(options)
  let run: RunContext | undefined
  let serving: Promise<Databases> | undefined

  /** A server that died is replaced by another when the next file needs one. */
  async function alive(): Promise<Databases> {
    const context = run
    const before = serving
    if (context === undefined || before === undefined)
      throw new TypeError('open() was called before start().')
    // A replacement that could not be had is tried again.
    const databases = await before.catch(() => undefined)
    if (databases?.dead() === false) return databases
    if (serving !== before) return alive()
    const next = Promise.resolve(databases?.stop()).then(() => serveInstances(resolved, context))
    serving = next
    return next
  }

  return {
    name: 'postgres',
    usual: { ports: [5432], protocols: ['postgres:', 'postgresql:'] },
    ...(resolved.instances !== undefined && { instances: resolved.instances }),
    async start(context) {
      run = context
      serving = serveInstances(resolved, context)
      const { source, details, instances = context.instances } = await serving
      context.log(`${context.resource}: ${source} (${details})`)
      if (instances < context.instances) {
        context.log(
          `${context.resource}: ${instances} of ${context.instances} instances, for want of free connections`,
        )
      }
      return { source, instances } satisfies Started
    },
    async open({ mode }) {
      const databases = await alive()
      try {
        return await databases.open(mode)
      } catch (error) {
        if (!databases.dead()) throw error
        return (await alive()).open(mode)
      }
    },
    async stop() {
      const databases = await serving?.catch(() => undefined)
      serving = undefined
      await databases?.stop()
    },
  }
}
