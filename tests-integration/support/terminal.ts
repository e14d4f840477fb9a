import { existsSync } from 'node:fs'
import { platform } from 'node:os'
import { delimiter, join } from 'node:path'

/** Whether the machine has the program that opens a terminal. */
export function canOpenTerminal(): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.some((folder) => existsSync(join(folder, 'script')))
}

/** A command that runs another in a terminal of so many columns: what it prints there goes to stdout. */
export function inTerminal(
  command: readonly string[],
  columns: number,
): readonly [program: string, ...args: string[]] {
  const line = `stty cols ${columns} rows 40; exec ${command.map(quote).join(' ')}`
  // Both are called `script`; util-linux takes the command as a text, BSD as arguments.
  return platform() === 'linux'
    ? ['script', '-qefc', line, '/dev/null']
    : ['script', '-q', '/dev/null', 'sh', '-c', line]
}

/** What a terminal is told beside text: colours, and where to go. */
export function withoutEscapes(text: string): string {
  // oxlint-disable-next-line no-control-regex -- it is what escape sequences begin with
  return text.replaceAll(/\u001B\[[0-9;?]*[a-zA-Z]/g, '')
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
