/** Any text, and a text that no other file has. */
const ANY = '*'
const RANDOM = '{random}'

/**
 * Whether a name of one file and a name of another can be the same: in both, `*` is any text and `{random}` one that the
 * other file does not have.
 */
export function namesMeet(one: string, other: string): boolean {
  if (one === other) return !one.includes(RANDOM)
  const a = partsOf(one)
  const b = partsOf(other)
  // Row by row: whether the first i parts of `a` and the first j of `b` can be the same text.
  let before = Array.from({ length: b.length + 1 }, (_, j) => b.slice(0, j).every((part) => part === ANY))
  for (const part of a) {
    const row = [part === ANY && before[0] === true]
    for (const [j, against] of b.entries()) {
      const goesOn = (before[j + 1] ?? false) || (row[j] ?? false)
      const meets = part === against && part !== RANDOM && before[j] === true
      row.push(part === ANY || against === ANY ? goesOn : meets)
    }
    before = row
  }
  return before[b.length] === true
}

/** Characters, with what stands for others as one. */
function partsOf(name: string): string[] {
  return name
    .split(RANDOM)
    .flatMap((text, index) => (index === 0 ? Array.from(text) : [RANDOM, ...Array.from(text)]))
}
