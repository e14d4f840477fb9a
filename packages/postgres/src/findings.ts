import type { Finding, InspectedFile, Opener } from '@vitest-lanes/core'
import type { Activity, OpenConnection } from './leaks/activity.ts'
import type { Contents } from './leaks/contents.ts'

const SHOWN = 3

/** What a file left on its database, in sentences. */
export function findingsOf(
  resource: string,
  { connections, locks, prepared }: Activity,
  contents: Contents | undefined,
  file: InspectedFile | undefined,
): Finding[] {
  const { rows, objects } = contents ?? { rows: [], objects: [] }
  const transactions = connections.filter(({ inTransaction }) => inTransaction)
  const told = (kind: string, texts: readonly string[], message: string): Finding[] =>
    texts.length === 0 ? [] : [{ kind, message: `${message}: ${some(texts)}.`, resource }]
  return [
    ...opened('postgres-connection-open', 'connection', connections, resource, file),
    ...opened('postgres-transaction-open', 'transaction', transactions, resource, file),
    ...told(
      'postgres-lock-held',
      locks,
      `${counted(locks, 'lock')} in ${resource} still held by what is open`,
    ),
    ...told(
      'postgres-transaction-prepared',
      prepared,
      `${counted(prepared, 'prepared transaction')} left in ${resource}`,
    ),
    ...told('postgres-rows-left', rows, `Rows left in ${resource}, in tables that were empty`),
    ...told('postgres-objects-created', objects, `Created in ${resource} and left there`),
  ]
}

function counted(texts: readonly string[], what: string): string {
  return texts.length === 1 ? `1 ${what}` : `${texts.length} ${what}s`
}

function opened(
  kind: string,
  what: string,
  connections: readonly OpenConnection[],
  resource: string,
  file: InspectedFile | undefined,
): Finding[] {
  if (connections.length === 0) return []
  const names = [...new Set(connections.map(({ name }) => name))]
  const opener = common(connections.map(({ port }) => file?.openerOf(port)))
  const message = `${counted(
    connections.map(({ name }) => name),
    what,
  )} to ${resource} left open, by ${some(names)}${from(opener)}.`
  return [{ kind, message, resource, ...opener }]
}

/** What is true of all of them. */
function common([first, ...others]: readonly (Opener | undefined)[]): Opener {
  const { test, place } = first ?? {}
  return {
    ...(test !== undefined && others.every((each) => each?.test === test) && { test }),
    ...(place !== undefined && others.every((each) => each?.place === place) && { place }),
  }
}

function from({ test, place }: Opener): string {
  if (place === undefined && test === undefined) return ''
  return `, opened${place === undefined ? '' : ` at ${place}`}${test === undefined ? '' : ` in '${test}'`}`
}

function some(texts: readonly string[]): string {
  const rest = texts.length > SHOWN ? `, and ${texts.length - SHOWN} more` : ''
  return texts.slice(0, SHOWN).join(', ') + rest
}
