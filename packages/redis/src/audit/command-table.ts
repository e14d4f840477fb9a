/** What a server says of one of its commands. */
export interface CommandFacts {
  readonly writes: boolean
  /** Position of the first key; 0: none. */
  readonly first: number
  /** Position of the last key; negative: counted from the end. */
  readonly last: number
  readonly step: number
}

/** By name in lower case; a subcommand as `xgroup|create`. */
export type CommandTable = ReadonlyMap<string, CommandFacts>

/** Reads the reply to `COMMAND`. */
export function readCommandTable(reply: unknown): CommandTable {
  return new Map(entriesOf(reply))
}

function* entriesOf(reply: unknown): Generator<[string, CommandFacts]> {
  for (const entry of listOf(reply)) {
    const [name, , flags, first, last, step, , , , subcommands] = listOf(entry)
    yield [
      String(name).toLowerCase(),
      {
        writes: listOf(flags).map(String).includes('write'),
        first: Number(first),
        last: Number(last),
        step: Number(step),
      },
    ]
    yield* entriesOf(subcommands)
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : []
}
