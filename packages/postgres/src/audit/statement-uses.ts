import type { Use } from '@vitest-lanes/core'
import { splitStatements } from '../sql/split.ts'

/** What statements use that statistics do not tell. */
export interface StatementUses {
  readonly uses: readonly Use[]
  /** What is of the whole server, whatever database it is sent to. */
  readonly beyond: readonly Use[]
}

const NAME = String.raw`((?:"(?:[^"]|"")+"|[\w$\u0080-\uffff]+)(?:\s*\.\s*(?:"(?:[^"]|"")+"|[\w$\u0080-\uffff]+))?)`
const IF = String.raw`(?:if\s+(?:not\s+)?exists\s+)?`
const DEFINES = new RegExp(
  String.raw`^(?:create|alter|drop)\s+(?:or\s+replace\s+)?(?:(?:unique|unlogged|recursive|constraint|event|materialized|foreign|global|procedural|trusted)\s+)*` +
    String.raw`(table|view|sequence|index|function|procedure|aggregate|type|domain|schema|extension|trigger|policy|rule|publication|subscription|server|cast|operator|collation)\s+` +
    String.raw`(?:concurrently\s+)?${IF}(?:only\s+)?${NAME}`,
  'i',
)
const ON_TABLE = new RegExp(String.raw`\son\s+(?:only\s+)?${NAME}`, 'i')
const TRUNCATES =
  /^truncate\s+(?:table\s+)?(?:only\s+)?([\s\S]+?)(?:\s+(?:restart|continue)\s+identity)?(?:\s+(?:cascade|restrict))?\s*;?$/i
const LISTENS = new RegExp(String.raw`^listen\s+${NAME}`, 'i')
const NOTIFIES = new RegExp(String.raw`^notify\s+${NAME}`, 'i')
const CALLS_NOTIFY = /\bpg_notify\s*\(\s*('(?:[^']|'')*'|\$\d+|[^,]+?)\s*(?:::\s*\w+\s*)?,/gi
const CALLS_LOCK = /\bpg_(?:try_)?advisory_(?:xact_)?lock(_shared)?\s*\(/gi
/** Defined for the whole server. */
const SERVER_WIDE = new RegExp(
  String.raw`^(?:create|alter|drop)\s+(role|user|group|database|tablespace)\s+${IF}${NAME}`,
  'i',
)
const SERVER_COMMANDS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^alter\s+system\b/i, 'ALTER SYSTEM'],
  [/\bpg_reload_conf\s*\(/i, 'pg_reload_conf()'],
  [/\bpg_terminate_backend\s*\(/i, 'pg_terminate_backend()'],
  [/\bpg_cancel_backend\s*\(/i, 'pg_cancel_backend()'],
]
/** To define one changes its table. */
const OF_TABLE: ReadonlySet<string> = new Set(['index', 'trigger', 'policy', 'rule'])

/** What an SQL text uses that statistics do not tell: definitions, locks, notifications, `TRUNCATE`, the whole server. */
export function usesOfSql(sql: string, parameters: readonly string[] = []): StatementUses {
  const uses: Use[] = []
  const beyond: Use[] = []
  for (const { text } of splitStatements(sql)) {
    const statement = withoutComments(text).trim()
    uses.push(...definitions(statement), ...messages(statement, parameters), ...locks(statement, parameters))
    beyond.push(...ofServer(statement))
  }
  return { uses, beyond }
}

/** What a function does that statistics do not tell, by its source. */
export function usesOfFunction(source: string): readonly Use[] {
  const text = withoutComments(source)
  const notifies = new RegExp(String.raw`\bnotify\s+${NAME}`, 'gi')
  return [
    ...Array.from(text.matchAll(notifies), ([, name = '']): Use => channel(name, 'write')),
    ...messages(text, []),
    ...locks(text, []),
  ]
}

function definitions(statement: string): Use[] {
  const truncated = TRUNCATES.exec(statement)?.[1]
  if (truncated !== undefined)
    return truncated
      .split(',')
      .map((name) => written('table', qualified(name.replace(/^\s*only\s+|\*\s*$/gi, ''))))
  const [, kind = '', name = ''] = DEFINES.exec(statement) ?? []
  if (kind === '') return []
  const what = kind.toLowerCase()
  if (what === 'table') return [written('table', qualified(name))]
  if (what === 'sequence') return [written('sequence', qualified(name))]
  if (what === 'schema' || what === 'extension') return [written('object', `${what} ${unquoted(name)}`)]
  const table = OF_TABLE.has(what) ? ON_TABLE.exec(statement)?.[1] : undefined
  if (table !== undefined) return [written('table', qualified(table))]
  return [written('object', `${what} ${qualified(name)}`)]
}

function messages(statement: string, parameters: readonly string[]): Use[] {
  const listens = LISTENS.exec(statement)?.[1]
  const notifies = NOTIFIES.exec(statement)?.[1]
  return [
    ...(listens === undefined ? [] : [channel(listens, 'read')]),
    ...(notifies === undefined ? [] : [channel(notifies, 'write')]),
    ...Array.from(statement.matchAll(CALLS_NOTIFY), ([, name = '']): Use => {
      const known = valueOf(name, parameters)
      return { kind: 'channel', name: known ?? '*', mode: 'write' }
    }),
  ]
}

function locks(statement: string, parameters: readonly string[]): Use[] {
  return Array.from(statement.matchAll(CALLS_LOCK), (match): Use => {
    const name = argumentsAt(statement, match.index + match[0].length)
      .replace(/\$(\d+)/g, (whole, number: string) => parameters[Number(number) - 1] ?? whole)
      .replace(/::\w+/g, '')
      .replace(/\s+/g, '')
    return { kind: 'lock', name, mode: match[1] === undefined ? 'write' : 'read' }
  })
}

/** What stands between the parentheses. */
function argumentsAt(text: string, start: number): string {
  let depth = 1
  for (let at = start; at < text.length; at++) {
    if (text[at] === '(') depth++
    else if (text[at] === ')' && --depth === 0) return text.slice(start, at)
  }
  return text.slice(start)
}

function ofServer(statement: string): Use[] {
  const [, kind = '', name = ''] = SERVER_WIDE.exec(statement) ?? []
  return [
    ...(kind === ''
      ? []
      : [
          written(
            'postgres server',
            `${/^(?:user|group)$/i.test(kind) ? 'role' : kind.toLowerCase()} ${unquoted(name)}`,
          ),
        ]),
    ...SERVER_COMMANDS.filter(([pattern]) => pattern.test(statement)).map(([, command]) =>
      written('postgres server', command),
    ),
  ]
}

function valueOf(text: string, parameters: readonly string[]): string | undefined {
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'")
  return /^\$\d+$/.test(text) ? parameters[Number(text.slice(1)) - 1] : undefined
}

function channel(name: string, mode: 'read' | 'write'): Use {
  return { kind: 'channel', name: unquoted(name), mode }
}

function written(kind: string, name: string): Use {
  return { kind, name, mode: 'write' }
}

/** With a schema: `public` where it names none. */
function qualified(name: string): string {
  const parts = name.trim().match(/"(?:[^"]|"")+"|[^\s."]+/g) ?? [name]
  const [first = '', second] = parts.map(unquoted)
  return second === undefined ? `public.${first}` : `${first}.${second}`
}

function unquoted(name: string): string {
  const text = name.trim()
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase()
}

/** Without comments. A `--` within a string is rare enough, and costs no more than a use that goes unseen. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, ' ').replace(/--[^\n]*/g, ' ')
}
