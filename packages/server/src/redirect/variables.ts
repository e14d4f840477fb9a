import { LanesError } from '@vitest-lanes/core'
import { RULE_PREFIX, type RedirectRule } from './rule.ts'

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/**
 * Reads addresses such as `localhost:6379`. `localhost`, `127.0.0.1` and `[::1]` mean the same.
 * @throws LANES_OPTION_INVALID for anything else
 */
export function redirectPorts(provider: string, addresses: unknown): number[] {
  const listed: unknown[] = Array.isArray(addresses) ? addresses : [addresses]
  return listed.map((address) => {
    const [, host = '', port = ''] = /^(.*):(\d{1,5})$/.exec(String(address)) ?? []
    if (LOOPBACK.includes(host) && Number(port) > 0 && Number(port) < 65_536) return Number(port)
    throw new LanesError(
      'LANES_OPTION_INVALID',
      `${provider}(): expected redirect to hold addresses of this machine, such as localhost:6379, got ${String(address)}.`,
    )
  })
}

/**
 * The variables that make each Node process started with them, and its children, follow a rule. They load a module
 * before any other, through `NODE_OPTIONS`, which a worker thread with an environment of its own reads too.
 */
export function redirectVariables(resource: string, rule: RedirectRule): Record<string, string> {
  const hook = `--import=${new URL('hook.js', import.meta.url).href}`
  const before = process.env['NODE_OPTIONS'] ?? ''
  return {
    NODE_OPTIONS: before.includes(hook) ? before : `${before} ${hook}`.trim(),
    [`${RULE_PREFIX}${Buffer.from(resource).toString('hex')}`]: JSON.stringify(rule),
  }
}
