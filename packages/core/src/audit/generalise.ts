import type { Use } from './footprint.ts'

/** So many names that differ in their end only stand for any. */
const MANY = 8
/** A number of so many digits is a time. */
const TIME_DIGITS = 10
/** Shorter ones may be words. */
const RANDOM_LENGTH = 8
const HEX_LENGTH = 12
/** Fewer different digits than that: somebody has written it by hand. */
const BY_HAND = 6

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i
const PART = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}|[\p{L}\p{N}]+/giu
/** Whose names are the same in every run, whatever they look like. */
const EXACT: ReadonlySet<string> = new Set(['script', 'variable', 'port', 'server', 'address'])
/** In whose names a number is no id. */
const NUMBERED: ReadonlySet<string> = new Set(['lock'])
/** To hear and to send are two things. */
const BOTH_WAYS: ReadonlySet<string> = new Set(['channel'])

/**
 * Puts `*` for the ids in names (`user:7` is `user:*`) and `{random}` for what is new each time, such as a UUID. Each use
 * once, sorted.
 * @param isWritten whether a text stands in the file's own code: then it is no id that was made up as it ran
 */
export function generalise(uses: Iterable<Use>, isWritten: (text: string) => boolean = () => false): Use[] {
  const general = [...uses].map((use) =>
    EXACT.has(use.kind) ? use : { ...use, name: generalName(use, isWritten) },
  )
  return sorted(withoutWeaker(withoutSiblings(general)))
}

/** Each once, in a stable order. */
export function sorted(uses: Iterable<Use>): Use[] {
  const unique = new Map([...uses].map((use) => [`${use.kind}\0${use.name}\0${use.mode}`, use]))
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, use]) => use)
}

function generalName({ kind, name }: Use, isWritten: (text: string) => boolean): string {
  const random = (text: string): string => (isWritten(text) || isByHand(text) ? text : '{random}')
  return name
    .replace(PART, (word) => {
      if (UUID.test(word)) return random(word)
      if (/^\d+$/.test(word) && word.length < TIME_DIGITS) return NUMBERED.has(kind) ? word : '*'
      if (/^\d+$/.test(word)) return random(word)
      return looksRandom(word) ? random(word) : word
    })
    .replace(/\*(?:\*)+/g, '*')
    .replace(/\{random\}(?:[-_.]?\{random\})+/g, '{random}')
}

function isByHand(text: string): boolean {
  return new Set(text.toLowerCase().replace(/[^\da-z]/g, '')).size < BY_HAND
}

/** As ids are: hexadecimal, or letters and digits that take turns. */
function looksRandom(word: string): boolean {
  if (!/\d/.test(word) || word.length < RANDOM_LENGTH) return false
  if (word.length >= HEX_LENGTH && /^[\da-f]+$/i.test(word)) return true
  const turns = word.match(/\d(?=\p{L})|\p{L}(?=\d)/gu)?.length ?? 0
  return turns >= 3
}

/** Puts `tenant:*` for `tenant:ada`, `tenant:bob` and many more. */
function withoutSiblings(uses: readonly Use[]): readonly Use[] {
  const families = new Map<string, Set<string>>()
  for (const use of uses) {
    const family = familyOf(use)
    if (family !== undefined) families.set(family, (families.get(family) ?? new Set()).add(use.name))
  }
  return uses.map((use) => {
    const family = familyOf(use)
    const isLarge = family !== undefined && (families.get(family)?.size ?? 0) > MANY
    return isLarge ? { ...use, name: `${stemOf(use.name)}*` } : use
  })
}

/** Whoever writes something may read it as well: told once. */
function withoutWeaker(uses: readonly Use[]): readonly Use[] {
  const written = new Set(
    uses.filter(({ mode }) => mode === 'write').map(({ kind, name }) => `${kind}\0${name}`),
  )
  return uses.filter(
    ({ kind, name, mode }) => mode !== 'read' || BOTH_WAYS.has(kind) || !written.has(`${kind}\0${name}`),
  )
}

function familyOf({ kind, name }: Use): string | undefined {
  if (kind === 'script') return kind
  // Tables, ports and the like are few, and their names matter.
  return kind === 'key' || kind === 'channel' || kind === 'file' ? `${kind}\0${stemOf(name)}` : undefined
}

/** What stands before the last part of a name. */
function stemOf(name: string): string {
  return name.slice(0, Math.max(name.lastIndexOf(':'), name.lastIndexOf('/')) + 1)
}
