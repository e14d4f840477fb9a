import { readBaseline, restoring, type Baseline } from '../native/baseline.ts'
import type { Connection } from '../native/connection.ts'
import { sendAll } from '../native/with-connection.ts'
import { readClients, type ConnectedClient } from './clients.ts'
import { keysLeft, type KeysLeft } from './keys.ts'
import { obliterateScripts } from './obliterate.ts'

/** What a server that is one file's own shows when the file has ended. */
export interface ServerFacts {
  readonly clients: readonly ConnectedClient[]
  readonly keys: KeysLeft
  /** Settings and users that are not as they were. */
  readonly changed: readonly string[]
  readonly hasFunctions: boolean
  /** How often a command was called: `flushall`, `script|flush`. */
  readonly calls: (command: string) => number
  readonly obliterated: boolean
}

/** ms between looks at connections: what was closed a moment ago may not have arrived, and is no leak. */
const LOOKS = [5, 10, 20, 40, 80]

/**
 * @param baseline what the server was like before
 * @param folders where BullMQ may be found
 */
export async function factsOf(
  connection: Connection,
  baseline: Baseline | undefined,
  folders: readonly string[],
): Promise<ServerFacts> {
  const scripts = obliterateScripts(folders)
  const [replies, now] = await Promise.all([
    sendAll(connection, [
      ['CLIENT', 'LIST'],
      ['INFO', 'commandstats'],
      ['INFO', 'keyspace'],
      ['FUNCTION', 'LIST'],
      ...(scripts.length > 0 ? [['SCRIPT', 'EXISTS', ...scripts]] : []),
    ]),
    baseline === undefined ? undefined : readBaseline(connection),
  ])
  const [list, stats, keyspace, functions, exist] = replies
  const databases = Array.from(String(keyspace).matchAll(/^db(\d+):/gm), ([, db]) => Number(db))
  const calls = readCalls(String(stats))
  return {
    clients: await stillThere(connection, readClients(String(list))),
    keys: await keysLeft(connection, databases),
    changed: baseline === undefined || now === undefined ? [] : restoring(now, baseline).map(nameOfChange),
    hasFunctions: Array.isArray(functions) && functions.length > 0,
    calls: (command) => calls.get(command) ?? 0,
    obliterated: Array.isArray(exist) && exist.some((each) => Number(each) === 1),
  }
}

async function stillThere(
  connection: Connection,
  seen: readonly ConnectedClient[],
): Promise<readonly ConnectedClient[]> {
  let left = seen
  for (const pause of LOOKS) {
    if (left.length === 0) break
    await new Promise((resolve) => setTimeout(resolve, pause))
    const now = readClients(String(await connection.call('CLIENT', 'LIST')))
    left = now.filter(({ id }) => left.some((each) => each.id === id))
  }
  return left
}

/** How often each command was called, by what `INFO commandstats` says. */
export function readCalls(stats: string): Map<string, number> {
  const lines = stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)
  return new Map(Array.from(lines, ([, command = '', calls]) => [command, Number(calls)]))
}

/** `CONFIG SET <name> <value>` and `ACL SETUSER <name> …`; values may be passwords. */
function nameOfChange([command = '', , name = '']: readonly string[]): string {
  return command === 'ACL' ? `the user ${name}` : name
}
