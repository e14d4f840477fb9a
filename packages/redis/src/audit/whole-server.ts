import type { UseMode } from '@vitest-lanes/core'

/** What acts on all that a server holds, or on the server itself; a subcommand as `config|set`. */
const WHOLE: Readonly<Record<string, UseMode>> = {
  flushall: 'all',
  flushdb: 'all',
  swapdb: 'all',
  shutdown: 'all',
  debug: 'all',
  replicaof: 'all',
  slaveof: 'all',
  failover: 'all',
  'config|set': 'all',
  'config|resetstat': 'all',
  'config|rewrite': 'all',
  'acl|setuser': 'all',
  'acl|deluser': 'all',
  'acl|load': 'all',
  'client|kill': 'all',
  'client|pause': 'all',
  'function|flush': 'all',
  'function|load': 'all',
  'function|delete': 'all',
  'function|restore': 'all',
  'script|kill': 'all',
  'slowlog|reset': 'all',
  'latency|reset': 'all',
  'cluster|reset': 'all',
  'cluster|flushslots': 'all',
  dbsize: 'any',
  randomkey: 'any',
  'client|list': 'any',
  monitor: 'any',
}

/** `MONITOR` does not show these (7.0): only how often they were called tells of them. */
export const HIDDEN: readonly string[] = Object.keys(WHOLE).filter((name) =>
  /^(?:shutdown|debug|replicaof|slaveof|failover|monitor|(?:config|acl|client|slowlog|latency|cluster|function)\|.*)$/.test(
    name,
  ),
)

/** Whether a command acts on the whole server; undefined: not. */
export function wholeServer(name: string): UseMode | undefined {
  return WHOLE[name]
}

/** As people write it: `CONFIG SET`. */
export function shownCommand(name: string): string {
  return name.replace('|', ' ').toUpperCase()
}
