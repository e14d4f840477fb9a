import type { Cluster, Redis } from 'ioredis'
import type { Place } from '../engine.ts'
import type { Address } from './address.ts'

/** The server, or the masters of the cluster, in which prefixes tell instances apart. */
export interface Keyspace {
  /** For keys of ours: finds the node that holds them. */
  readonly keys: Redis | Cluster
  /** Each of the servers that hold keys, as they are now. */
  nodes(): readonly Redis[]
  /** The masters; `undefined` where it is one server. */
  readonly masters: readonly Place[] | undefined
  /** The prefix of an instance: in a cluster in braces, so that all keys of the instance are on one node, as scripts need it. */
  prefix(name: string): string
  disconnect(): void
}

/** Whether a server is a node of a cluster. Who may not ask is taken not to be in one. */
export async function isCluster(client: Redis): Promise<boolean> {
  return (await client.info('cluster').catch(() => '')).includes('cluster_enabled:1')
}

/**
 * @param client connected to the server, or to one node of the cluster
 * @param name of the connections
 */
export async function openKeyspace(client: Redis, address: Address, name: string): Promise<Keyspace> {
  if (!(await isCluster(client))) {
    return {
      keys: client,
      nodes: () => [client],
      masters: undefined,
      prefix: (own) => own,
      disconnect: () => client.disconnect(),
    }
  }
  const { Cluster: ClusterClient } = await import('ioredis')
  const { host, port, username, password, tls } = address
  const cluster = new ClusterClient([{ host, port }], {
    lazyConnect: true,
    redisOptions: {
      ...(username !== '' && { username }),
      ...(password !== '' && { password }),
      ...(tls !== undefined && { tls }),
      connectionName: name,
    },
  })
  cluster.on('error', () => undefined)
  try {
    await cluster.connect()
    // They connect when they are first used; the connections say that the run lives.
    await Promise.all(cluster.nodes('master').map((node) => node.ping()))
  } catch (error) {
    cluster.disconnect()
    throw error
  }
  return {
    keys: cluster,
    nodes: () => cluster.nodes('master'),
    masters: cluster.nodes('master').map(({ options }) => ({
      host: options.host ?? host,
      port: options.port ?? port,
    })),
    prefix: (own) => `{${own}}`,
    disconnect() {
      cluster.disconnect()
      client.disconnect()
    },
  }
}
