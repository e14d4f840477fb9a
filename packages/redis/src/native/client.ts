import type { Redis } from 'ioredis'

export interface Address {
  readonly port: number
  readonly password: string
}

/** What connections of ours call themselves. */
export const OUR_NAME = 'vitest-lanes'

/** A client that has yet to connect, and does not come back when it is thrown out. */
export async function clientFor({ port, password }: Address, timeout: number): Promise<Redis> {
  // Its import takes longer than a server to start: not before it is needed.
  const ioredis = await import('ioredis')
  const client = new ioredis.Redis({
    host: '127.0.0.1',
    port,
    password,
    connectionName: OUR_NAME,
    lazyConnect: true,
    enableReadyCheck: false,
    connectTimeout: timeout,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  })
  client.on('error', () => undefined)
  return client
}

/**
 * Connects, does something, and disconnects: while a file runs, no connection of ours is among its own.
 * Rejects if the server does not answer within `timeout` ms.
 */
export async function withClient<T>(
  address: Address,
  timeout: number,
  work: (client: Redis) => Promise<T>,
): Promise<T> {
  const client = await clientFor(address, timeout)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeout / 1000} s`)), timeout)
  })
  const worked = client.connect().then(() => work(client))
  try {
    return await Promise.race([worked, late])
  } finally {
    clearTimeout(timer)
    worked.catch(() => undefined)
    client.disconnect()
  }
}

/** Who is connected, as `CLIENT LIST` shows it; we are among them. */
export async function clientsOf(address: Address, timeout: number): Promise<string> {
  return withClient(address, timeout, async (client) => String(await client.call('CLIENT', 'LIST')))
}

/** Sends commands at once. A command that this version of the server does not know counts as done. */
export async function sendAll(client: Redis, commands: readonly (readonly string[])[]): Promise<unknown[]> {
  const pipeline = client.pipeline()
  for (const [name = '', ...args] of commands) pipeline.call(name, ...args)
  const replies = (await pipeline.exec()) ?? []
  return replies.map(([error, reply]) => {
    if (error !== null && !/unknown (command|subcommand)|syntax error/i.test(error.message)) throw error
    return error === null ? reply : undefined
  })
}
