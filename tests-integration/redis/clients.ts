import { Cluster, Redis } from 'ioredis'

type Env = Readonly<Record<string, string>>

interface Place {
  readonly host: string
  readonly port: number
}

/** What a variable such as `REDIS_NODES` lists. */
export function placesIn(list: string | undefined): Place[] {
  return (list ?? '').split(',').map((each) => {
    const [host = '', port] = each.split(':')
    return { host, port: Number(port) }
  })
}

/** Closes a client at the end of the block. */
export function closing<T extends Redis | Cluster>(client: T): T & Disposable {
  client.on('error', () => undefined)
  return Object.assign(client, { [Symbol.dispose]: () => client.disconnect() })
}

/** A client of a cluster, closed at the end of the block. */
export function clusterOf(env: Env): Cluster & Disposable {
  return closing(
    new Cluster(placesIn(env['REDIS_NODES']), {
      redisOptions: {
        username: env['REDIS_USERNAME'] ?? 'default',
        password: env['REDIS_PASSWORD'] ?? '',
      },
      clusterRetryStrategy: () => null,
      slotsRefreshTimeout: 10_000,
    }),
  )
}

/** A client that asks the sentinel for its master, closed at the end of the block. */
export function sentinelClient(env: Env): Redis & Disposable {
  return closing(
    new Redis({
      sentinels: placesIn(env['REDIS_SENTINELS']),
      name: env['REDIS_SENTINEL_NAME'] ?? '',
      sentinelPassword: env['REDIS_SENTINEL_PASSWORD'] ?? '',
      password: env['REDIS_PASSWORD'] ?? '',
      retryStrategy: () => null,
      sentinelRetryStrategy: () => null,
    }),
  )
}
