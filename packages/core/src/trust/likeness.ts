/** What differs between two failures of the same kind, and what stands in its place. In this order. */
const DIFFERS: readonly (readonly [RegExp, string])[] = [
  // oxlint-disable-next-line no-control-regex -- colours begin with it
  [/\u001B\[[\d;]*[A-Za-z]/g, ''],
  [/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, '<id>'],
  [/\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?/g, '<time>'],
  [/(?<![\w/:.])(?:file:\/\/)?(?:[A-Za-z]:[\\/]|\/)(?:[\w@.+~-]+[\\/])+[\w@.+~-]+(?::\d+)*/g, '<path>'],
  [/\b0x[\da-f]+\b/gi, '<id>'],
  // Hashes and generated names: letters and digits mixed, more than anybody would write.
  [/\b(?=\w*\d)(?=\w*[a-z])[\da-f]{7,}\b/gi, '<id>'],
  [/\b(?=(?:\w*\d){2})(?=(?:\w*[A-Za-z]){2})\w{10,}\b/g, '<id>'],
  [/[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?/gi, '<n>'],
  [/\s+/g, ' '],
]
const LONGEST = 2000

/** What a message has in common with others of its kind: numbers, times, identifiers and paths left out. */
export function likeness(message: string): string {
  let text = message.slice(0, LONGEST)
  for (const [pattern, mark] of DIFFERS) text = text.replace(pattern, mark)
  return text.trim()
}

/** Messages that are alike. */
export interface MessageGroup<T> {
  /** What they have in common. */
  readonly likeness: string
  /** The first of them, as it came. */
  readonly example: string
  readonly items: readonly T[]
}

/** Puts together what is alike; the largest group first, and of two that are equally large the one that came first. */
export function groupByLikeness<T>(
  items: readonly T[],
  messageOf: (item: T) => string,
): readonly MessageGroup<T>[] {
  const groups = new Map<string, { example: string; items: T[] }>()
  for (const item of items) {
    const message = messageOf(item)
    const key = likeness(message)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { example: message, items: [item] })
    else group.items.push(item)
  }
  return [...groups]
    .map(([key, group]) => ({ likeness: key, ...group }))
    .toSorted((a, b) => b.items.length - a.items.length)
}
