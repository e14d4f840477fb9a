import { createInterface } from 'node:readline/promises'
import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Where a command speaks to the user. */
export interface Terminal {
  /** Width of a line; unlimited where it is no terminal: a file or a log cuts nothing. */
  readonly columns: number
  print(text: string): void
  warn(text: string): void
  /** Coloured where the output is a terminal and NO_COLOR is not set. */
  style(style: Style, text: string): string
  /** Asks a question with yes or no. Undefined where nobody is there to answer. */
  confirm(question: string): Promise<boolean | undefined>
}

export function createTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process
  const noColor = env['NO_COLOR']
  const coloured = stdout.isTTY && (noColor === undefined || noColor === '')
  return {
    columns: stdout.isTTY ? stdout.columns : Number.POSITIVE_INFINITY,
    print: (text) => void stdout.write(text.endsWith('\n') ? text : `${text}\n`),
    warn: (text) => void stderr.write(text.endsWith('\n') ? text : `${text}\n`),
    style: (style, text) => (coloured ? styleText(style, text) : text),
    async confirm(question) {
      if (!stdin.isTTY) return undefined
      const asked = createInterface({ input: stdin, output: stdout })
      try {
        return /^y(es)?$/i.test((await asked.question(`${question} [y/N] `)).trim())
      } finally {
        asked.close()
      }
    },
  }
}
