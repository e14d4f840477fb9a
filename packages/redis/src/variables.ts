import { LanesError } from '@vitest-lanes/core'
import type { PrivateServer } from './engine.ts'
import type { RedisInstance, Resolved } from './options.ts'

/** @throws LANES_OPTION_INVALID if the user's function gives something else than texts */
export function variables(
  number: number,
  { port, password }: Pick<PrivateServer, 'port' | 'password'>,
  own: Resolved['env'],
): Record<string, string> {
  const host = '127.0.0.1'
  const url = `redis://:${encodeURIComponent(password)}@${host}:${port}/0`
  const instance: RedisInstance = { number, url, host, port, password, db: 0 }
  return {
    REDIS_URL: url,
    REDIS_HOST: host,
    REDIS_PORT: String(port),
    REDIS_PASSWORD: password,
    REDIS_DB: '0',
    ...checked(own(instance)),
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
