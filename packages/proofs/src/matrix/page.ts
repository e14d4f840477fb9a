/** How one cell of the matrix ended. */
export type Outcome = 'passed' | 'failed' | 'skipped'

/** What a leg has shown: group to cell to outcome, in order. */
export type Results = ReadonlyMap<string, ReadonlyMap<string, Outcome>>

export interface Column {
  readonly title: string
  readonly results: Results
}

const BEGIN = '<!-- Written by `pnpm proof matrix --write`. -->'
const END = '<!-- Up to here. -->'
const SIGNS: Readonly<Record<Outcome, string>> = { passed: '✓', failed: '✗', skipped: 'not tried' }

/** The page with what the columns have shown, in the place of what it had. */
export function withTables(page: string, columns: readonly Column[]): string {
  const [before, after] = around(page)
  const groups = new Set(columns.flatMap(({ results }) => [...results.keys()]))
  const tables = [...groups].map((group) => `## ${group}\n\n${table(group, columns)}`)
  return `${before}${BEGIN}\n\n${tables.join('\n\n')}\n\n${END}${after}`
}

/** Each cell that the page has, as `group > cell`. */
export function cellsOf(page: string): string[] {
  const [before, after] = around(page)
  let group = ''
  return page
    .slice(before.length, page.length - after.length)
    .split('\n')
    .flatMap((line) => {
      group = /^## (.*)/.exec(line)?.[1] ?? group
      const cell = /^\| (.*?) +\| +(✓|✗|not tried)/.exec(line)?.[1]
      return cell === undefined ? [] : [`${group} > ${unescape(cell)}`]
    })
}

function around(page: string): [before: string, after: string] {
  const [before, rest = ''] = page.split(BEGIN)
  const after = rest.split(END)[1]
  if (before === undefined || after === undefined)
    throw new Error(`The page has no \`${BEGIN}\` with \`${END}\` after it.`)
  return [before, after]
}

function table(group: string, columns: readonly Column[]): string {
  const cells = new Set(columns.flatMap(({ results }) => [...(results.get(group)?.keys() ?? [])]))
  const signs = (cell: string): string[] =>
    columns.map(({ results }) => SIGNS[results.get(group)?.get(cell) ?? 'skipped'])
  const rows = [
    ['', ...columns.map(({ title }) => title)],
    ...[...cells].map((cell) => [escape(cell), ...signs(cell)]),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(3, ...rows.map((row) => row[column]!.length)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, column) => text.padEnd(widths[column]!)).join(' | ')} |`
  const [head, ...body] = rows
  return [line(head!), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}

// What Markdown would read as more than text.
function escape(text: string): string {
  return text.replaceAll(/[\\|*_[\]]/g, String.raw`\$&`)
}

function unescape(text: string): string {
  return text.replaceAll(/\\([\\|*_[\]])/g, '$1')
}
