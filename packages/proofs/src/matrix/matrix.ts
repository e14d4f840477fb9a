import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HERE } from '../lab.ts'
import type { Outcome } from '../outcome.ts'
import { LEGS } from './legs.ts'
import { withTables, type Column, type Results } from './page.ts'
import { runLeg } from './run-leg.ts'

export interface MatrixOptions {
  /** One leg; undefined: all that the page has. */
  readonly leg?: string | undefined
  /** Writes the page, rather than comparing with it. */
  readonly write: boolean
  readonly say: (line: string) => void
}

export const ROOT = join(HERE, '../..')
const PAGE = join(ROOT, 'docs/compatibility.md')

/** Every behaviour of Vitest that is compared, in every Vitest and Node.js; and whether the page says what was seen. */
export async function matrix({ leg: asked, write, say }: MatrixOptions): Promise<Outcome> {
  const names = asked === undefined ? Object.keys(LEGS).filter((name) => name !== 'newest') : [asked]
  const columns: Column[] = []
  for (const name of names) {
    const create = Object.hasOwn(LEGS, name) ? LEGS[name] : undefined
    if (create === undefined)
      throw new Error(`There is no leg \`${name}\`. There are: ${Object.keys(LEGS).join(', ')}.`)
    const leg = await create()
    const { title, installed } = leg
    say(`${title}${installed === undefined ? '' : ` (${installed})`}:`)
    columns.push({ title, results: await runLeg(ROOT, leg) })
  }
  const failures = columns.flatMap(({ title, results }) => failed(results).map((cell) => `${title}: ${cell}`))
  for (const { title, results } of columns) if (results.size === 0) failures.push(`${title}: nothing was run`)
  if (asked === undefined) failures.push(...(await comparePage(columns, write)))
  const count = columns.reduce((sum, { results }) => sum + cellCount(results), 0)
  return { summary: `${count} cells over ${columns.map(({ title }) => title).join(' and ')}`, failures }
}

async function comparePage(columns: readonly Column[], write: boolean): Promise<string[]> {
  const page = await readFile(PAGE, 'utf8')
  const fresh = withTables(page, columns)
  if (write) await writeFile(PAGE, fresh)
  return write || page === fresh
    ? []
    : ['docs/compatibility.md is not what was seen: write it with `pnpm proof matrix --write`']
}

function failed(results: Results): string[] {
  return [...results].flatMap(([group, cells]) =>
    [...cells].filter(([, outcome]) => outcome === 'failed').map(([cell]) => `${group} > ${cell}`),
  )
}

function cellCount(results: Results): number {
  return [...results.values()].reduce((sum, cells) => sum + cells.size, 0)
}
