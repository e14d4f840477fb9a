import { LanesError } from '@vitest-lanes/core'
import type { Place, ServerAddress } from './engine.ts'
import type { Resolved } from './options.ts'

/** @throws LANES_OPTION_INVALID if the user's function gives something else than texts */
export function variables(
  number: number,
  address: ServerAddress,
  own: Resolved['env'],
): Record<string, string> {
  const { url, host, port, username, password, db, socket, prefix } = address
  const { nodes, sentinels, sentinelName } = address
  return {
    REDIS_URL: url,
    ...(socket === undefined ? { REDIS_HOST: host, REDIS_PORT: String(port) } : { REDIS_SOCKET: socket }),
    ...(username !== '' && { REDIS_USERNAME: username }),
    // Without one, an inherited one must not be sent.
    ...((password !== '' || process.env['REDIS_PASSWORD'] !== undefined) && { REDIS_PASSWORD: password }),
    REDIS_DB: String(db),
    ...(prefix !== undefined && { REDIS_PREFIX: prefix }),
    ...(nodes !== undefined && { REDIS_NODES: listed(nodes), REDIS_CLUSTER_NODES: listed(nodes) }),
    ...(sentinels !== undefined && {
      REDIS_SENTINELS: listed(sentinels),
      REDIS_SENTINEL_NAME: sentinelName ?? '',
      REDIS_SENTINEL_PASSWORD: password,
    }),
    ...checked(own({ number, ...address })),
  }
}

const listed = (places: readonly Place[]) => places.map(({ host, port }) => `${host}:${port}`).join(',')

function checked(own: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [name, value] of Object.entries(own)) {
    if (typeof value !== 'string') {
      throw new LanesError(
        'LANES_OPTION_INVALID',
        `redis(): expected env to give texts, got ${typeof value} for ${name}.`,
      )
    }
    texts[name] = value
  }
  return texts
}
