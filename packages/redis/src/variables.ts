import { LanesError } from '@vitest-lanes/core'
import type { ServerAddress } from './engine.ts'
import type { Resolved } from './options.ts'

/** @throws LANES_OPTION_INVALID if the user's function gives something else than texts */
export function variables(
  number: number,
  address: ServerAddress,
  own: Resolved['env'],
): Record<string, string> {
  const { url, host, port, username, password, db, socket, prefix } = address
  return {
    REDIS_URL: url,
    ...(socket === undefined ? { REDIS_HOST: host, REDIS_PORT: String(port) } : { REDIS_SOCKET: socket }),
    ...(username !== '' && { REDIS_USERNAME: username }),
    REDIS_PASSWORD: password,
    REDIS_DB: String(db),
    ...(prefix !== undefined && { REDIS_PREFIX: prefix }),
    ...checked(own({ number, ...address })),
  }
}

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
