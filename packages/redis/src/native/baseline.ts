import type { Connection } from './connection.ts'
import { sendAll } from './with-connection.ts'

/** What a server is like when nobody has changed it. */
export interface Baseline {
  readonly config: ReadonlyMap<string, string>
  readonly users: readonly string[]
}

/** The commands whose replies `baselineOf` takes. */
export const ASK_BASELINE = [
  ['CONFIG', 'GET', '*'],
  ['ACL', 'LIST'],
] as const

export async function readBaseline(connection: Connection): Promise<Baseline> {
  return baselineOf(await sendAll(connection, ASK_BASELINE))
}

export function baselineOf([config, users]: readonly unknown[]): Baseline {
  // `reset` adds the flag, which is the default and changes nothing (seen on 7.0).
  const rules = strings(users).map((user) => user.replace(' sanitize-payload ', ' '))
  return { config: pairs(strings(config)), users: rules }
}

/** The commands that turn `now` into `then`. */
export function restoring(now: Baseline, then: Baseline): string[][] {
  const settings = [...then.config]
    .filter(([name, value]) => now.config.get(name) !== value)
    .map(([name, value]) => ['CONFIG', 'SET', name, value])
  const added = now.users.map(nameOf).filter((name) => !then.users.some((user) => nameOf(user) === name))
  const changed = then.users.filter((user) => !now.users.includes(user))
  return [
    ...settings,
    ...(added.length > 0 ? [['ACL', 'DELUSER', ...added]] : []),
    // `user <name> <rule> …`; `reset` first, since rules add up.
    ...changed.map((user) => ['ACL', 'SETUSER', nameOf(user), 'reset', ...user.split(' ').slice(2)]),
  ]
}

function nameOf(user: string): string {
  return user.split(' ')[1] ?? ''
}

function strings(reply: unknown): string[] {
  return Array.isArray(reply) ? reply.map(String) : []
}

function pairs(flat: readonly string[]): Map<string, string> {
  const map = new Map<string, string>()
  for (let i = 0; i < flat.length; i += 2) map.set(flat[i] ?? '', flat[i + 1] ?? '')
  return map
}
