import { Redis } from 'ioredis'
import { type ClientBase, Pool } from 'pg'
import { readConfig } from './config.ts'

/** Anything that runs a query: the pool, or one client within a transaction. */
export type Database = Pick<ClientBase, 'query'>

// One connection and one pool a process, as most applications keep them.
let redis: Redis | undefined
let pool: Pool | undefined

/** The process's Redis connection, opened when first asked for. */
export function getRedis(): Redis {
  // BullMQ refuses a blocking connection with a limit on retries.
  redis ??= new Redis(readConfig().redisUrl, { maxRetriesPerRequest: null })
  return redis
}

/** The process's PostgreSQL pool, at most 8 connections, opened when first asked for. */
export function getPool(): Pool {
  pool ??= new Pool({ connectionString: readConfig().databaseUrl, max: 8 })
  return pool
}

/** Closes both; the next use opens new ones. */
export async function closeClients(): Promise<void> {
  const closing = { redis, pool }
  redis = undefined
  pool = undefined
  await Promise.all([closing.redis?.quit(), closing.pool?.end()])
}
