import type { Connection } from '../native/connection.ts'

/** What a file left among the keys. */
export interface KeysLeft {
  /** Some of those that belong neither to a fixture nor to a queue of BullMQ's. */
  readonly plain: readonly string[]
  /** Whether there may be more. */
  readonly isPart: boolean
  readonly active: readonly ActiveJobs[]
}

/** Jobs that no worker has finished. */
export interface ActiveJobs {
  readonly queue: string
  /** Some of their ids. */
  readonly ids: readonly string[]
  readonly count: number
}

/** Of one database, at most 10,000 keys are looked at, which takes a few ms. */
const STEP = 1_000
const STEPS = 10
const SHOWN = 3
/** What the fixtures delete themselves, in a test's scope or a file's; before it may stand the instance's own prefix. */
const SCOPED = /^(?:.+:)?vl-[\da-f]{16}(?:-\d+)?:/
/** Keys by which BullMQ's queues are known; `obliterate` takes `meta` and leaves others (5.81). */
const OF_QUEUE = /^(.+:[^:]+):(?:meta|stalled-check|limiter|marker|waiting-children|prioritized|events)$/

/** Changes the connection's database. */
export async function keysLeft(connection: Connection, databases: readonly number[]): Promise<KeysLeft> {
  const plain: string[] = []
  const active: ActiveJobs[] = []
  let isPart = false
  for (const db of databases) {
    await connection.call('SELECT', db)
    const { keys, isWhole } = await scan(connection)
    const queues = new Set(keys.flatMap((key) => OF_QUEUE.exec(key)?.[1] ?? []))
    plain.push(...keys.filter((key) => !SCOPED.test(key) && !isOfQueue(key, queues)))
    active.push(...(await activeIn(connection, queues)))
    isPart ||= !isWhole
  }
  return { plain, isPart, active }
}

async function scan(connection: Connection): Promise<{ keys: string[]; isWhole: boolean }> {
  const keys: string[] = []
  let cursor = '0'
  for (let step = 0; step < STEPS; step++) {
    const [next, found] = listOf(await connection.call('SCAN', cursor, 'COUNT', STEP))
    keys.push(...listOf(found).map(String))
    cursor = String(next)
    if (cursor === '0') return { keys, isWhole: true }
  }
  return { keys, isWhole: false }
}

function isOfQueue(key: string, queues: ReadonlySet<string>): boolean {
  if (key.startsWith('bull:')) return true
  for (let end = key.indexOf(':'); end !== -1; end = key.indexOf(':', end + 1))
    if (queues.has(key.slice(0, end))) return true
  return false
}

async function activeIn(connection: Connection, queues: ReadonlySet<string>): Promise<ActiveJobs[]> {
  if (queues.size === 0) return []
  const names = [...queues]
  const replies = await connection.send(
    names.flatMap((name) => [
      ['LLEN', `${name}:active`],
      ['LRANGE', `${name}:active`, 0, SHOWN - 1],
    ]),
  )
  return names.flatMap((name, index) => {
    const count = replies[2 * index]
    const ids = listOf(replies[2 * index + 1])
    // A key of that name that is no list is an error, and no queue's.
    if (typeof count !== 'number' || count === 0) return []
    return [{ queue: name.slice(name.lastIndexOf(':') + 1), count, ids: ids.map(String) }]
  })
}

function listOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : []
}
