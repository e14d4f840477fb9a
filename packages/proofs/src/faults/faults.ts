import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { postgres } from '@vitest-lanes/postgres'
import { redis } from '@vitest-lanes/redis'
import type { Engine } from '@vitest-lanes/server'
import type { Outcome } from '../outcome.ts'
import { serve } from '../serve.ts'
import { FAULTS } from './catalogue.ts'
import type { Fault } from './fault.ts'
import { openProject } from './project.ts'
import { table } from './table.ts'
import { tryFault } from './try-fault.ts'
import type { Step, Tried } from './try-fault.ts'

const DOC = fileURLToPath(new URL('../../../../docs/faults.md', import.meta.url))
const TABLE = /(?<=<!-- faults -->\n)[^]*(?=\n<!-- \/faults -->)/

export interface FaultsOptions {
  /** Names of those to try; all where empty. */
  readonly names: readonly string[]
  readonly engine: Engine | undefined
  /** Writes the table into the documentation, where all hold. */
  readonly write: boolean
  readonly say: (line: string) => void
}

/** Known faults, each in a small project: whether all four commands find them. */
export async function faults({ names, engine, write, say }: FaultsOptions): Promise<Outcome> {
  const chosen = names.map((name) => {
    const fault = FAULTS.find((each) => each.name === name)
    if (fault !== undefined) return fault
    throw new Error(
      `There is no fault \`${name}\`. There are: ${FAULTS.map((each) => each.name).join(', ')}.`,
    )
  })
  const all: Tried[] = []
  for (const fault of chosen.length === 0 ? FAULTS : chosen) {
    const begun = performance.now()
    const tried = await onItsOwn(fault, engine)
    all.push(tried)
    say(`${fault.name.padEnd(14)}${steps(tried)}  ${Math.round((performance.now() - begun) / 1000)} s`)
  }
  const failures = all.flatMap((tried) => wrongs(tried).map((wrong) => `${tried.fault.name}: ${wrong}`))
  if (chosen.length === 0 && failures.length === 0) await compare(table(all), write, failures)
  return { summary: `${all.length} faults, four commands each`, failures }
}

async function onItsOwn(fault: Fault, engine: Engine | undefined): Promise<Tried> {
  const options = engine === undefined ? {} : { engine }
  await using cache = await serve(redis(options))
  await using database = await serve(postgres(options))
  await using project = await openProject(fault)
  return await tryFault(fault, { root: project.root, env: { ...cache.env, ...database.env, NO_COLOR: '1' } })
}

async function compare(found: string, write: boolean, failures: string[]): Promise<void> {
  const before = await readFile(DOC, 'utf8')
  if (words(TABLE.exec(before)?.[0] ?? '') === words(found)) return
  if (write)
    await writeFile(
      DOC,
      before.replace(TABLE, () => `\n${found}\n`),
    )
  else failures.push('docs/faults.md says something else: `pnpm proof faults --write` writes it')
}

/** A table without what a formatter adds to it. */
function words(markdown: string): string {
  return markdown
    .replace(/ {2,}|-{2,}/g, ' ')
    .replace(/ +\|/g, ' |')
    .trim()
}

function steps({ stress, replay, bisect, audit }: Tried): string {
  return Object.entries({ stress, replay, bisect, audit })
    .map(([name, step]: [string, Step<unknown>]) => `${'found' in step ? '✓' : '✗'} ${name}`)
    .join('  ')
}

function wrongs({ stress, replay, bisect, audit }: Tried): string[] {
  return Object.entries({ stress, replay, bisect, audit }).flatMap(([name, step]: [string, Step<unknown>]) =>
    'wrong' in step ? [`${name}: ${step.wrong}`] : [],
  )
}
