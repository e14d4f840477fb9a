import type { OpenInstance } from '@vitest-lanes/core'
import type { Instance } from '../engine.ts'
import { connectNamed } from '../named/connect.ts'
import { OUR_NAME, type Address } from '../native/connection.ts'
import type { SeenCommand } from './seen.ts'
import { watchServers, type Watched, type Watcher } from './watch.ts'

/** What others do there cannot be told from what a file does. */
export const SHARED_SERVER =
  'Redis: channels, CONFIG SET and the like, since others may use the server that `server` names.'

/** A server that the file has to itself. */
export function watchedServer({ port, password }: Address): Watched {
  const address = { host: '127.0.0.1', port, path: undefined, username: '', password, tls: undefined }
  // It comes back after a file's CLIENT KILL, so that the kill itself is counted.
  return { connect: () => connectNamed(address, OUR_NAME, 'It is a server of ours: run again.') }
}

/** What a provider offers for looking at an instance; inspections of ours are no doing of the file's. */
export function watchable({ inspect, watched }: Instance): Pick<OpenInstance, 'inspect' | 'watch'> {
  let watcher: Watcher | undefined
  return {
    inspect: (file) => (watcher === undefined ? inspect(file) : watcher.aside(() => inspect(file))),
    async watch() {
      const watching = await watchServers(watched)
      watcher = watching
      return {
        stop() {
          watcher = undefined
          return watching.stop()
        },
      }
    },
  }
}

/**
 * A command as it would be without the prefix that all keys of an instance begin with; undefined where it names no key of
 * the instance's.
 */
export function withoutPrefix(command: SeenCommand, prefix: string): SeenCommand | undefined {
  const start = `${prefix}:`
  if (!command.args.some((arg) => arg.startsWith(start))) return undefined
  return {
    ...command,
    args: command.args.map((arg) => (arg.startsWith(start) ? arg.slice(start.length) : arg)),
  }
}
