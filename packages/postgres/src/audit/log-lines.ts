/** What each line of the log begins with while a server is watched: process, database, and name of the client. */
export const LOG_PREFIX = 'lanes|%p|%d|%a|'

/** A statement that a client has sent. */
export interface LoggedStatement {
  readonly database: string
  /** What its client calls itself. */
  readonly client: string
  readonly text: string
  /** What stands for `$1`, `$2` …, where that was told. */
  readonly parameters: readonly string[]
}

export interface LogReader {
  line(text: string): void
  /** No line is to come any more. */
  end(): void
}

interface Entry {
  readonly process: string
  readonly database: string
  readonly client: string
  readonly level: string
  text: string
}

const HEAD = /^lanes\|(\d*)\|([^|]*)\|(.*?)\|\s*([A-Z]+\d*): {2}(.*)$/
const STATEMENT = /^(?:statement|execute [^:]*(?:\/[^:]*)?|execute fetch from [^:]*): /
const PARAMETERS = /^[Pp]arameters: /
const PARAMETER = /\$(\d+) = (?:'((?:[^']|'')*)'|NULL)/g

/**
 * Reads statements from the log: a statement's first line tells who sent it, lines that begin with a tab go on with it,
 * and what stands for its parameters follows as a line of its own.
 */
export function readLog(tell: (statement: LoggedStatement) => void): LogReader {
  let current: Entry | undefined
  let waiting: Entry | undefined

  function flush(parameters: readonly string[] = []): void {
    const statement = waiting
    waiting = undefined
    if (statement === undefined) return
    const { database, client, text } = statement
    tell({ database, client, text: text.replace(STATEMENT, ''), parameters })
  }

  function close(): void {
    const entry = current
    current = undefined
    if (entry === undefined) return
    if (entry.level === 'DETAIL' && PARAMETERS.test(entry.text) && waiting?.process === entry.process)
      return flush(parametersIn(entry.text))
    flush()
    if (entry.level === 'LOG' && STATEMENT.test(entry.text)) waiting = entry
  }

  return {
    line(text) {
      const [, process = '', database = '', client = '', level = '', rest = ''] = HEAD.exec(text) ?? []
      if (level === '') {
        if (current !== undefined && text.startsWith('\t')) current.text += `\n${text.slice(1)}`
        return
      }
      close()
      current = { process, database, client, level, text: rest }
    },
    end() {
      close()
      flush()
    },
  }
}

function parametersIn(text: string): string[] {
  const found: string[] = []
  for (const [, number, value] of text.matchAll(PARAMETER))
    found[Number(number) - 1] = (value ?? 'NULL').replaceAll("''", "'")
  return found
}
