import type { Use } from './footprint.ts'
import { wholeOf, type Meeting } from './meet.ts'

/** Kinds whose names speak for themselves. */
const PLAIN: ReadonlySet<string> = new Set(['key', 'server', 'object', 'file', 'variable', 'address'])

/** What was used, for people: `bull:mails:*`, `table public.jobs`, `FLUSHALL`. */
export function useText({ kind, name }: Use): string {
  return PLAIN.has(kind) ? name : `${kind} ${name}`
}

const SHOWN = 3

/** The first few of them. */
export function someUses(uses: readonly Use[]): string {
  const names = [...new Set(uses.map(useText))]
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''
  return `${names.slice(0, SHOWN).join(', ')}${more}`
}

/** What two files meet on: `both write table public.jobs`. */
export function meetingText({ how, first, second }: Meeting): string {
  if (how === 'whole') return `${useText(wholeOf(first, second))} acts on the whole server`
  const what = first.name === second.name ? useText(first) : `${useText(first)} and ${useText(second)}`
  if (how === 'write') return `both write ${what}`
  const reader = first.mode === 'read' ? 'the first reads' : 'the second reads'
  return `${reader} ${what}, which the other ${first.kind === 'channel' ? 'sends to' : 'writes'}`
}

/** The same of one of them: `writes port 4010`. */
export function whatMeets({ first }: Meeting): string {
  if (first.kind === 'port') return `listens on ${useText(first)}`
  return `${first.mode === 'read' ? 'reads' : 'writes'} ${useText(first)}`
}
