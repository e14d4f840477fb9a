// Copied into each inline project as `provider.ts`: a provider that serves nothing and tells all.
import type { OpenInstance, Provider } from '@vitest-lanes/core'
import { events, tell, until } from './events.ts'
import type { Event } from './events.ts'

export interface ToldOptions {
  instances?: number | 'lanes'
  /** Room for fewer instances than wanted. */
  room?: number
  reset?: boolean
  failStart?: boolean
  /** Numbers of the instances that cannot be opened. */
  failOpen?: readonly number[]
  failReset?: boolean
  failDispose?: boolean
  hangOpen?: boolean
  hangDispose?: boolean
}

/** An instance dies when a file tells `kill` with the resource's name and its number. */
export function told(resource: string, options: ToldOptions = {}): Provider {
  return {
    name: 'told',
    ...(options.instances === undefined ? {} : { instances: options.instances }),
    async start(run) {
      tell('start', { resource, instances: run.instances, lanes: run.lanes })
      if (options.failStart === true) throw new Error('no server of ours would start')
      return { source: 'told 1.0', ...(options.room === undefined ? {} : { instances: options.room }) }
    },
    async open({ number, mode }): Promise<OpenInstance> {
      tell('open', { resource, number, mode })
      if (options.hangOpen === true) await new Promise(() => {})
      if (options.failOpen?.includes(number) === true) throw new Error(`no room for number ${number}`)
      const opened = events().length
      const dies = (event: Event) =>
        event.what === 'kill' && event.resource === resource && event.number === number
      let disposed = false
      return {
        env: { [`${resource.toUpperCase()}_URL`]: `told://${resource}/${number}` },
        ...(options.reset === false
          ? {}
          : {
              reset: async () => {
                tell('reset', { resource, number, alive: holdersAlive(resource, number) })
                if (options.failReset === true) throw new Error('it does not come clean')
              },
            }),
        dispose: async () => {
          disposed = true
          tell('dispose', { resource, number, alive: holdersAlive(resource, number) })
          if (options.hangDispose === true) await new Promise(() => {})
          if (options.failDispose === true) throw new Error('it does not go away')
        },
        lost: until((all) => disposed || all.slice(opened).some(dies)).then(() => {
          if (disposed) return new Promise<string>(() => {})
          // Whoever waits for it hears of it first.
          setImmediate(() => tell('died', { resource, number }))
          return `Instance ${number} of ${resource} has died.`
        }),
      }
    },
    async stop() {
      tell('stop', { resource })
    },
  }
}

// Files tell `hold` with the instance that they were given.
function holdersAlive(resource: string, number: number): number[] {
  const pids = events()
    .filter((event) => event.what === 'hold' && event.resource === resource && event.number === number)
    .map(({ pid }) => pid)
  return pids.filter((pid) => pid !== process.pid && isAlive(pid))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
