import type { Redis } from 'ioredis'
import type { Owner } from './owner.ts'
import { deadEntries, enter, entries, REGISTRY, replace, type Entry } from './registry.ts'

/** A logical database that is ours. */
export interface Claimed {
  readonly db: number
  readonly field: string
  /** What the registry says of it: as long as it says so, the database is ours. */
  readonly value: string
}

/** Empties a database if the registry still says that it is ours. Atomic, so that nobody can take it in between. */
const FLUSH = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return -1 end
redis.call('SELECT', ARGV[3])
redis.call('FLUSHDB')
return redis.call('DBSIZE')`

const fieldOf = (db: number) => `db:${db}`
/** A database that was entered, and not yet found to be empty: nothing in it is ours. */
const unproven = (owner: Owner) => JSON.stringify({ ...owner, proven: false })
const proven = (owner: Owner) => JSON.stringify({ ...owner, proven: true })

/** Claims up to `wanted` databases. What dead runs have left is emptied, whether it is needed or not. */
export async function claimDatabases(client: Redis, owner: Owner, wanted: number): Promise<Claimed[]> {
  const sizes = await openRegistry(client, owner)
  const claimed: Claimed[] = []
  for (const entry of await deadEntries(client)) {
    const inherited = await inherit(client, owner, entry)
    if (inherited === undefined) continue
    if (claimed.length < wanted) claimed.push(inherited)
    else await release(client, inherited)
  }
  const taken = new Set((await entries(client)).map(({ field }) => field))
  const registry = client.options.db ?? 0
  // Zero last: it is where a program without a setting goes.
  const empty = [...sizes].filter(([db, size]) => size === 0 && db !== registry && !taken.has(fieldOf(db)))
  for (const [db] of [...empty.filter(([db]) => db !== 0), ...empty.filter(([db]) => db === 0)]) {
    if (claimed.length >= wanted) break
    const claim = await claimEmpty(client, owner, db)
    if (claim !== undefined) claimed.push(claim)
  }
  if (claimed.length === 0) await giveBack(client, owner, [])
  return claimed
}

/** @throws if it is no longer ours, as after a `FLUSHALL` */
export async function flush(client: Redis, { db, field, value }: Claimed): Promise<void> {
  const left = await client.eval(FLUSH, 1, REGISTRY, field, value, db)
  if (left === -1) throw new Error(`logical database ${db} is no longer ours: was the whole server emptied?`)
  if (left !== 0) throw new Error(`${String(left)} keys are left in logical database ${db}`)
}

/** Empties and gives back all databases. The registry goes with its last entry. */
export async function giveBack(client: Redis, owner: Owner, claimed: readonly Claimed[]): Promise<void> {
  for (const claim of claimed) await release(client, claim)
  await client.hdel(REGISTRY, `run:${owner.run}`)
}

/** Gives databases back that nobody has used yet, as they are. */
export async function abandon(client: Redis, owner: Owner, claimed: readonly Claimed[]): Promise<void> {
  for (const { field, value } of claimed) await replace(client, field, value, '').catch(() => undefined)
  await client.hdel(REGISTRY, `run:${owner.run}`)
}

async function release(client: Redis, claim: Claimed): Promise<void> {
  await flush(client, claim).then(
    () => replace(client, claim.field, claim.value, ''),
    () => undefined,
  )
}

/** Enters this run in the registry, makes one where there is none, and stays in its database. */
async function openRegistry(client: Redis, owner: Owner): Promise<Map<number, number>> {
  const field = `run:${owner.run}`
  const value = JSON.stringify(owner)
  let entered: number | undefined
  for (let attempt = 0; attempt < 10; attempt++) {
    const { sizes, registries } = await survey(client)
    const empty = [...sizes].filter(([, size]) => size === 0).map(([db]) => db)
    // All runs look from the top, so that they meet in one.
    const chosen = Math.max(-1, ...registries, ...(registries.length === 0 ? empty : []))
    if (chosen === -1) return new Map()
    await select(client, chosen)
    if (entered === chosen) return sizes
    if (entered !== undefined) {
      await select(client, entered)
      await client.hdel(REGISTRY, field)
      await select(client, chosen)
    }
    entered = (await enter(client, field, value)) ? chosen : undefined
  }
  return new Map()
}

async function select(client: Redis, db: number): Promise<void> {
  await client.select(db)
  // Where it comes back to after a broken connection.
  client.options.db = db
}

async function survey(client: Redis): Promise<{ sizes: Map<number, number>; registries: number[] }> {
  const sizes = new Map<number, number>()
  const registries: number[] = []
  for (let db = 0; ; db++) {
    try {
      await client.select(db)
    } catch {
      return { sizes, registries }
    }
    const [size, exists] = await Promise.all([client.dbsize(), client.exists(REGISTRY)])
    sizes.set(db, size)
    if (exists === 1) registries.push(db)
  }
}

async function inherit(client: Redis, owner: Owner, entry: Entry): Promise<Claimed | undefined> {
  const db = /^db:(\d+)$/.exec(entry.field)?.[1]
  const wasProven = entry.value.includes('"proven":true')
  if (db === undefined || !wasProven) {
    await replace(client, entry.field, entry.value, '')
    return undefined
  }
  const claim: Claimed = { db: Number(db), field: entry.field, value: proven(owner) }
  if (!(await replace(client, entry.field, entry.value, claim.value))) return undefined
  await flush(client, claim)
  return claim
}

async function claimEmpty(client: Redis, owner: Owner, db: number): Promise<Claimed | undefined> {
  const field = fieldOf(db)
  if (!(await enter(client, field, unproven(owner)))) return undefined
  const registry = client.options.db ?? 0
  const replies = await client.multi().select(db).dbsize().select(registry).exec()
  const isEmpty = replies?.[1]?.[1] === 0
  const value = proven(owner)
  await replace(client, field, unproven(owner), isEmpty ? value : '')
  return isEmpty ? { db, field, value } : undefined
}
