import type { UsualAddress } from '@vitest-lanes/core'

type Variables = Readonly<Record<string, string | undefined>>

const LOOPBACK = new Set(['', 'localhost', '127.0.0.1', '::1', '0.0.0.0', '::'])
const RULE_PATH = /"path":"((?:[^"\\]|\\.)*)"/g
const PLACE = /(\[[\da-f:]+\]|[\w.-]+):(\d{1,5})(?!\d)/gi

/** `127.0.0.1:6379`, however this machine is called: as the hook in the worker writes it. */
export function addressOf(host: string, port: number): string {
  const name = host.replace(/^\[(.*)\]$/, '$1')
  return `${LOOPBACK.has(name) ? '127.0.0.1' : name}:${port}`
}

/**
 * Every address that variables of an instance hold: in URLs, lists, rules of `redirect`, paths of sockets and their
 * folders, `…HOST` with `…PORT`.
 */
export function addressesIn(env: Variables, usual: readonly UsualAddress[]): Set<string> {
  const found = new Set(namedIn(env, usual, () => true).keys())
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue
    if (value.startsWith('/')) found.add(value)
    // PostgreSQL names the folder and the port.
    if (value.startsWith('/') && name.endsWith('HOST'))
      found.add(`${value}/.s.PGSQL.${env[name.replace(/HOST$/, 'PORT')] ?? '5432'}`)
    for (const [, path] of value.matchAll(RULE_PATH)) found.add(JSON.parse(`"${path}"`) as string)
    for (const [, host = '', port] of value.matchAll(PLACE)) found.add(addressOf(host, Number(port)))
  }
  return found
}

/**
 * Addresses that variables name a resource by, to the name of the variable: URLs whose protocol is a resource's, and
 * `…HOST` with `…PORT`.
 * @param isPair whether a variable that ends in `HOST` is a resource's
 */
export function namedIn(
  env: Variables,
  usual: readonly UsualAddress[],
  isPair: (variable: string) => boolean,
): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value === '') continue
    const port = env[name.replace(/HOST$/, 'PORT')]
    if (name.endsWith('HOST') && port !== undefined && /^\d+$/.test(port) && isPair(name))
      found.set(addressOf(value, Number(port)), name)
    const address = addressOfUrl(value, usual)
    if (address !== undefined) found.set(address, name)
  }
  return found
}

function addressOfUrl(text: string, usual: readonly UsualAddress[]): string | undefined {
  const protocol = /^[a-z][a-z\d+.-]*:(?=\/\/)/i.exec(text)?.[0].toLowerCase()
  const known = usual.find(({ protocols }) => protocol !== undefined && protocols.includes(protocol))
  if (known === undefined || !URL.canParse(text)) return undefined
  const { hostname, port } = new URL(text)
  const number = port === '' ? known.ports[0] : Number(port)
  return number === undefined ? undefined : addressOf(decoded(hostname), number)
}

// A host stays as it is in URLs of protocols that browsers do not know.
function decoded(host: string): string {
  try {
    return decodeURIComponent(host)
  } catch {
    return host
  }
}
