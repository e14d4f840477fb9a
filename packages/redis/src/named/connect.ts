import { LanesError } from '@vitest-lanes/core'
import type { Redis, RedisOptions } from 'ioredis'
import { place, type Address } from './address.ts'

const PATIENCE = 3_000

/**
 * Connects to a named server; the connection comes back by itself when it breaks.
 * @param hint what to do where it cannot be used
 * @throws LANES_SERVER_START within 5 s if there is no server, or it does not let us in
 */
export async function connectNamed(
  address: Address,
  name: string,
  hint = 'Check that it runs, and the URL in `server` of redis().',
): Promise<Redis> {
  const ioredis = await import('ioredis')
  let ready = false
  const options: RedisOptions = {
    ...(address.path === undefined ? { host: address.host, port: address.port } : { path: address.path }),
    ...(address.username !== '' && { username: address.username }),
    ...(address.password !== '' && { password: address.password }),
    ...(address.tls !== undefined && { tls: address.tls }),
    connectionName: name,
    lazyConnect: true,
    enableReadyCheck: false,
    connectTimeout: PATIENCE,
    maxRetriesPerRequest: 3,
    retryStrategy: (times) => (ready && times <= 8 ? Math.min(times * 50, 500) : null),
  }
  const client = new ioredis.Redis(options)
  let failure: Error | undefined
  client.on('error', (error: Error) => (failure = error))
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE / 1_000} s`)), PATIENCE)
  })
  try {
    await Promise.race([client.connect().then(() => client.ping()), late])
    ready = true
    return client
  } catch (error) {
    client.disconnect()
    const cause = failure ?? error
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new LanesError('LANES_SERVER_START', `Redis at ${place(address)} cannot be used: ${why}.`, {
      hint,
      cause,
    })
  } finally {
    clearTimeout(timer)
  }
}
