import type { Redis } from 'ioredis'
import { isDead, readOwner, type Owner } from './owner.ts'

/** A hash in one logical database of the server, which says what of the rest belongs to which run. */
export const REGISTRY = 'vitest-lanes'

/**
 * `KEYS[1]` the registry; `ARGV[1]` field, `ARGV[2]` value. Writes if the registry is there, or the database is empty,
 * and nobody has the field.
 */
const ENTER = `
if redis.call('EXISTS', KEYS[1]) == 0 and redis.call('DBSIZE') > 0 then return 0 end
return redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])`

/** Replaces a value that is still the old one. */
const REPLACE = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
return 1`

export interface Entry {
  readonly field: string
  readonly value: string
  readonly owner: Owner
}

/** Enters a field for us. False if somebody has it, or the database has come to hold something else. */
export async function enter(client: Redis, field: string, value: string): Promise<boolean> {
  return (await client.eval(ENTER, 1, REGISTRY, field, value)) === 1
}

/** Replaces a value, or removes it where the new one is empty, if nobody else has done so since it was read. */
export async function replace(client: Redis, field: string, old: string, now: string): Promise<boolean> {
  return (await client.eval(REPLACE, 1, REGISTRY, field, old, now)) === 1
}

export async function entries(client: Redis): Promise<Entry[]> {
  const fields = await client.hgetall(REGISTRY)
  return Object.entries(fields).flatMap(([field, value]) => {
    const owner = readOwner(value)
    return owner === undefined ? [] : [{ field, value, owner }]
  })
}

/** What dead runs have entered. Each run is looked at once. */
export async function deadEntries(client: Redis): Promise<Entry[]> {
  const all = await entries(client)
  const owners = new Map(all.map(({ owner }) => [owner.run, owner]))
  const dead = new Set<string>()
  await Promise.all(
    [...owners].map(async ([run, owner]) => {
      if (await isDead(client, owner)) dead.add(run)
    }),
  )
  return all.filter(({ owner }) => dead.has(owner.run))
}
