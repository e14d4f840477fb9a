import { RULE_PREFIX, type RedirectRule } from './rule.ts'

/** An address that a file named, and what is done with it. */
export interface Target {
  readonly host: string
  readonly port: number
  readonly rule: RedirectRule
}

export type Rules = ReadonlyMap<number, RedirectRule>

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1', ''])

export function readRules(env: NodeJS.ProcessEnv): Rules {
  const rules = new Map<number, RedirectRule>()
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(RULE_PREFIX) || value === undefined) continue
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `redirectVariables`
    const rule = JSON.parse(value) as RedirectRule
    for (const port of rule.ports) rules.set(port, rule)
  }
  return rules
}

/** The options in what `connect` was called with: `(options)`, `(port, host)`, or the array that `net.connect` makes. */
export function optionsIn(args: readonly unknown[]): Record<string, unknown> {
  const first: unknown = Array.isArray(args[0]) ? args[0][0] : args[0]
  if (typeof first === 'object' && first !== null) return { ...first }
  if (typeof first === 'string' && !/^\d+$/.test(first)) return { path: first }
  return { port: first, ...(typeof args[1] === 'string' && { host: args[1] }) }
}

/** The same for `tls.connect`, where options may also follow port and host. */
export function tlsOptionsIn(args: readonly unknown[]): Record<string, unknown> {
  return { ...optionsIn(args), ...args.find((each) => typeof each === 'object' && each !== null) }
}

export function callbackIn(args: readonly unknown[]): (() => void) | undefined {
  const list: readonly unknown[] = Array.isArray(args[0]) ? args[0] : args
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `connect` is called with
  return list.find((each) => typeof each === 'function') as (() => void) | undefined
}

export function targetOf(options: Record<string, unknown>, rules: Rules): Target | undefined {
  if (options['path'] !== undefined && options['path'] !== null) return undefined
  const port = Number(options['port'])
  const rule = rules.get(port)
  const host = typeof options['host'] === 'string' ? options['host'].toLowerCase() : ''
  return rule !== undefined && LOOPBACK.has(host) ? { host, port, rule } : undefined
}
