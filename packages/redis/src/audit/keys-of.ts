import type { CommandFacts } from './command-table.ts'

/** The keys of a command, and how it uses them. */
export interface CommandKeys {
  readonly read: readonly string[]
  readonly written: readonly string[]
}

const NONE: CommandKeys = { read: [], written: [] }

/** Commands that say how many keys they have: the position of that number, and of a key that they write. */
const COUNTED: Readonly<Record<string, { readonly at: number; readonly target?: number }>> = {
  zunion: { at: 1 },
  zinter: { at: 1 },
  zdiff: { at: 1 },
  zunionstore: { at: 2, target: 1 },
  zinterstore: { at: 2, target: 1 },
  zdiffstore: { at: 2, target: 1 },
  sintercard: { at: 1 },
  zintercard: { at: 1 },
  lmpop: { at: 1 },
  zmpop: { at: 1 },
  blmpop: { at: 2 },
  bzmpop: { at: 2 },
}
/** Commands whose first key is written from the others. */
const INTO_FIRST: ReadonlySet<string> = new Set([
  'sinterstore',
  'sunionstore',
  'sdiffstore',
  'zrangestore',
  'pfmerge',
  'bitop',
  'geosearchstore',
])

/**
 * The keys of a command.
 * @param name in lower case, a subcommand as `xgroup|create`
 * @param args all that was sent, the name included
 */
export function keysOf(name: string, args: readonly string[], facts: CommandFacts | undefined): CommandKeys {
  if (facts === undefined) return NONE
  const counted = COUNTED[name]
  if (counted !== undefined) {
    const keys = args.slice(counted.at + 1, counted.at + 1 + Number(args[counted.at]))
    if (counted.target !== undefined) return { read: keys, written: args.slice(1, 2) }
    return facts.writes ? { read: [], written: keys } : { read: keys, written: [] }
  }
  const listed = name === 'xread' || name === 'xreadgroup' ? streams(args) : inRange(args, facts)
  if (INTO_FIRST.has(name)) return { read: listed.slice(1), written: listed.slice(0, 1) }
  if (name === 'copy') return { read: listed.slice(0, 1), written: listed.slice(1) }
  if (name === 'sort') return { read: listed, written: storedBySort(args) }
  // It changes what its group has seen.
  return facts.writes || name === 'xreadgroup' ? { read: [], written: listed } : { read: listed, written: [] }
}

function inRange(args: readonly string[], { first, last, step }: CommandFacts): string[] {
  if (first <= 0) return []
  const end = last < 0 ? args.length + last : last
  const found: string[] = []
  for (let index = first; index <= end && index < args.length; index += Math.max(1, step))
    found.push(args[index]!)
  return found
}

/** `XREAD … STREAMS a b 0 0`: as many keys as ids. */
function streams(args: readonly string[]): string[] {
  const start = args.findIndex((arg) => arg.toLowerCase() === 'streams') + 1
  return start === 0 ? [] : args.slice(start, start + (args.length - start) / 2)
}

function storedBySort(args: readonly string[]): string[] {
  const at = args.findIndex((arg) => arg.toLowerCase() === 'store')
  return at === -1 ? [] : args.slice(at + 1, at + 2)
}
