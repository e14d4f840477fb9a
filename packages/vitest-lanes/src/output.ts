import { styleText } from 'node:util'
import type { Vitest } from 'vitest/node'

// Reporters whose output a machine reads from stdout, unless they write to a file.
const FOR_MACHINES = new Set(['json', 'junit', 'tap', 'tap-flat'])

/** Columns of the label in front of a line. */
const LABEL = 8
/** Of a terminal that does not say how wide it is. */
const USUAL_COLUMNS = 80

/** Where the plugin speaks to the user. */
export interface Output {
  /** Says a line once, however often it is told. */
  once(line: string): void
  lines(lines: readonly string[]): void
  warn(line: string): void
  /** A line that somebody else prints. */
  labelled(line: string): string
  /** How wide a line may be that has a label. */
  columns(): number
  /** True under `--silent`, and where stdout belongs to a machine. */
  readonly quiet: boolean
}

export function createOutput(vitest: Vitest): Output {
  const said = new Set<string>()
  const print = (text: string) => {
    if (!isQuiet(vitest)) vitest.logger.log(text)
  }
  return {
    once(line) {
      if (said.has(line)) return
      said.add(line)
      print(label(line))
    },
    lines: (lines) =>
      print(
        lines.map((line, index) => (index === 0 ? label(line) : `${' '.repeat(LABEL)}${line}`)).join('\n'),
      ),
    warn: (line) => vitest.logger.warn(`${tag('yellow')} ${line}`),
    labelled: label,
    columns: () =>
      process.stdout.isTTY ? (process.stdout.columns || USUAL_COLUMNS) - LABEL : Number.POSITIVE_INFINITY,
    get quiet() {
      return isQuiet(vitest)
    },
  }
}

function label(line: string): string {
  return `${tag('cyan')} ${line}`
}

function tag(colour: 'cyan' | 'yellow'): string {
  // From Node 22.13 on `styleText` heeds NO_COLOR and what is no terminal; 20 needs telling. Nobody else heeds Vitest's option.
  const plain =
    process.env['NO_COLOR'] !== undefined || process.argv.includes('--no-color') || !process.stdout.isTTY
  return plain ? ' lanes ' : styleText(colour, ' lanes ')
}

function isQuiet(vitest: Vitest): boolean {
  const { reporters, outputFile, silent } = vitest.config
  if (silent === true) return true
  return reporters.some((reporter) => {
    if (!Array.isArray(reporter) || typeof reporter[0] !== 'string' || !FOR_MACHINES.has(reporter[0]))
      return false
    const options = reporter[1] as { outputFile?: unknown } | undefined
    const toFile = typeof outputFile === 'string' || outputFile?.[reporter[0]] !== undefined
    return options?.outputFile === undefined && !toFile
  })
}
