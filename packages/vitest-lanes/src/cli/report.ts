import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import type { RunRecord } from '@vitest-lanes/core'
import { jsonReport, markdownReport, textReport, timelinePage, traceReport } from '@vitest-lanes/report'
import { EXIT } from './exit.ts'
import type { ExitStatus } from './exit.ts'
import { openFile } from './open-file.ts'
import { loadRecord, rootOfRecord } from './records.ts'
import type { Terminal } from './terminal.ts'

export const FORMATS = ['html', 'text', 'json', 'trace', 'markdown'] as const

export interface ReportOptions {
  readonly format: (typeof FORMATS)[number]
  readonly root: string
  /** A file; `-` is the terminal. */
  readonly output?: string
  readonly open: boolean
}

/** Where a format goes if nobody says: pages and traces into a file beside the record, the rest to the terminal. */
const FILES = { html: 'timeline.html', trace: 'trace.json' } as const

/** `vitest-lanes report`: draws a run record. */
export async function report(
  path: string | undefined,
  options: ReportOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { path: source, record } = await loadRecord(path, options.root)
  const { format } = options
  const folder = join(rootOfRecord(source) ?? dirname(source), '.vitest-lanes')
  const target =
    options.output ?? (format === 'html' || format === 'trace' ? join(folder, FILES[format]) : '-')
  if (target === '-') {
    terminal.print(draw(record, format, '', terminal))
    return EXIT.fine
  }
  const file = resolve(options.root, target)
  const base = `${relative(dirname(file), rootOfRecord(source) ?? dirname(source)).replaceAll('\\', '/') || '.'}/`
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, draw(record, format, base, terminal))
  terminal.print(relative(process.cwd(), file) || file)
  if (options.open && !(await openFile(file))) terminal.warn(`Nothing here opens ${file}.`)
  return EXIT.fine
}

function draw(record: RunRecord, format: ReportOptions['format'], base: string, terminal: Terminal): string {
  switch (format) {
    case 'html':
      return timelinePage(record, { base })
    case 'text':
      return textReport(record, { columns: terminal.columns })
    case 'json':
      return jsonReport(record)
    case 'trace':
      return traceReport(record)
    case 'markdown':
      return markdownReport(record)
    default:
      return unexpected(format)
  }
}

function unexpected(format: never): never {
  throw new Error(`Unexpected format ${String(format)}.`)
}
