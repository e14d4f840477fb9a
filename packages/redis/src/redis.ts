import {
  LanesError,
  type InstanceRequest,
  type OpenInstance,
  type Provider,
  type RunContext,
} from '@vitest-lanes/core'
import { openRunFolder, sweepDeadRuns, type RunFolder } from '@vitest-lanes/server'
import { chooseSource } from './choose-source.ts'
import type { Source } from './engine.ts'
import { watchable } from './audit/watchable.ts'
import { redirecting } from './redirect.ts'
import { resolveOptions, type RedisOptions } from './options.ts'
import { variables } from './variables.ts'

interface Run {
  readonly resource: string
  readonly folder: RunFolder
  readonly source: Source
  /** Clearing up after dead runs goes on beside this one. */
  readonly sweep: Promise<unknown>
}

/**
 * A Redis of its own for each instance, in `REDIS_URL`, `REDIS_HOST`, `REDIS_PORT`, `REDIS_PASSWORD` and `REDIS_DB`:
 * a `valkey-server` or `redis-server` of this machine if there is one, else Valkey as WebAssembly.
 * @throws LANES_OPTION_UNKNOWN, LANES_OPTION_INVALID
 */
export function redis(options: RedisOptions = {}): Provider {
  const resolved = resolveOptions(options)
  let run: Run | undefined
  return {
    name: 'redis',
    instances: resolved.instances,
    usual: { ports: [6379], protocols: ['redis:', 'rediss:'] },
    async start(context: RunContext) {
      const sweep = sweepDeadRuns().catch(() => [])
      const folder = await openRunFolder({ runId: context.runId })
      try {
        const source = await chooseSource(resolved, folder, context)
        run = { resource: context.resource, folder, source, sweep }
        return { source: source.name, ...(source.instances !== undefined && { instances: source.instances }) }
      } catch (error) {
        await folder.close()
        throw error
      }
    },
    async open(request: InstanceRequest): Promise<OpenInstance> {
      if (run === undefined)
        throw new LanesError('LANES_PROVIDER_OPEN', 'redis() was asked to open before it was started.')
      const { resource, source } = run
      const server = await source.open()
      return {
        env: {
          ...variables(request.number, server.address, resolved.env),
          ...redirecting(resource, resolved.redirect, server.address),
        },
        reset: server.reset,
        ...watchable(server),
        dispose: server.stop,
        lost: server.died.then(
          (reason) => `The server of ${resource} ${request.number} has died: ${reason.trim()}`,
        ),
      }
    },
    async stop() {
      const stopped = run
      run = undefined
      await stopped?.source.close()
      await stopped?.sweep
      await stopped?.folder.close()
    },
  }
}
