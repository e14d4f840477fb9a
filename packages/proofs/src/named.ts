import { postgres } from '@vitest-lanes/postgres'
import { redis } from '@vitest-lanes/redis'
import type { Engine } from '@vitest-lanes/server'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { serve } from './serve.ts'
import type { NamedServers } from './sources.ts'

/** Servers of the proof's own, with data of others on them, which runs are told to use. */
export interface Named extends NamedServers, AsyncDisposable {
  /** All that is on them, a line each: keys, users, databases, schemas, roles. */
  contents(): Promise<string[]>
}

export async function openNamed(engine: Engine | undefined): Promise<Named> {
  const chosen = engine === undefined ? {} : { engine }
  const servers = await Promise.all([serve(redis(chosen)), serve(postgres(chosen))])
  const [redisUrl = '', postgresUrl = ''] = servers.map(({ env }) => env['REDIS_URL'] ?? env['DATABASE_URL'])
  await withRedis(redisUrl, async (client) => {
    await client.select(3)
    await client.set('foreign', 'data')
    await client.call('ACL', 'SETUSER', 'foreign', 'on', '>password', '~*', '+get')
  })
  await withPostgres(postgresUrl, async (client) => {
    await client.query('CREATE DATABASE foreign_data')
    await client.query('CREATE ROLE foreign_role')
    await client.query('CREATE SCHEMA foreign_schema')
  })
  return {
    redis: redisUrl,
    postgres: postgresUrl,
    contents: async () => [
      ...(await withRedis(redisUrl, onRedis)),
      ...(await withPostgres(postgresUrl, onPostgres)),
    ],
    async [Symbol.asyncDispose]() {
      for (const server of servers) await server[Symbol.asyncDispose]()
    },
  }
}

async function withRedis<T>(url: string, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url)
  try {
    return await use(client)
  } finally {
    client.disconnect()
  }
}

async function withPostgres<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(url)
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

async function onRedis(client: Redis): Promise<string[]> {
  const lines: string[] = []
  for (let db = 0; db < 16; db++) {
    await client.select(db)
    lines.push(...(await client.keys('*')).map((key) => `key ${key} in database ${db}`))
  }
  const users = (await client.call('ACL', 'USERS')) as string[]
  const clients = String(await client.client('LIST')).match(/name=vitest-lanes\S*/g) ?? []
  return [...lines, ...users.map((user) => `user ${user}`), ...clients.map((name) => `connection ${name}`)]
}

/** Catalogue, and the columns of it that are listed. */
const CATALOGUES = [
  ['pg_database', 'datname, datconnlimit'],
  ['pg_roles', 'rolname'],
  ['pg_namespace', 'nspname'],
  ["pg_locks WHERE locktype = 'advisory'", 'objid'],
] as const

async function onPostgres(client: Client): Promise<string[]> {
  const lines: string[] = []
  for (const [catalogue, columns] of CATALOGUES) {
    const { rows } = await client.query<object>(`SELECT ${columns} FROM ${catalogue}`)
    lines.push(...rows.map((row) => `${catalogue} ${Object.values(row).join(' ')}`))
  }
  return lines.filter((line) => !/pg_(toast_)?temp_/.test(line))
}
