#!/usr/bin/env node
import { parseArgs } from 'node:util'
import type { Engine } from '@vitest-lanes/server'
import { clean } from './clean.ts'
import { faults } from './faults/faults.ts'
import { kills } from './kills.ts'
import { matrix } from './matrix/matrix.ts'
import { meets } from './meets.ts'
import type { Outcome } from './outcome.ts'
import { seed } from './seed/seed.ts'

const HELP = `Tries, many times over or in many ways, what must hold.

Usage: pnpm proof kills [--times 200] [--seed N]   kill -9 of Vitest, a worker, a server, or all, at random moments
       pnpm proof meets [--runs 4] [--times 5]     several runs at once
       pnpm proof clean [--runs 50]                runs one after another
       pnpm proof matrix [--leg 4.1|5.1-parts|…]   Vitest with the plugin against Vitest without, in every way of use
       pnpm proof faults [name…]                   known faults, which stress, replay, bisect and audit have to find
       pnpm proof seed                             files of the sample application on one Redis and one database: bisect has
                                                   to say why they fail together

  --write         matrix, faults: writes the table in docs/, rather than comparing with it

  --engine NAME   native or embedded: which servers to use (default: native where the machine has them)
  --named         servers that the configuration names, with data of others on them

Exit status: 0 if it holds, 1 if not, 2 if an argument cannot be read.
`

const say = (line: string): boolean => process.stdout.write(`${line}\n`)

async function proof(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2).filter((arg) => arg !== '--'),
    allowPositionals: true,
    options: {
      times: { type: 'string' },
      runs: { type: 'string' },
      seed: { type: 'string' },
      engine: { type: 'string' },
      named: { type: 'boolean', default: false },
      leg: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return say(HELP) ? 0 : 1
  const { named: onNamed } = values
  const engine = engineOf(values.engine)
  const times = (usual: number) => whole('times', values.times, usual)
  const runs = (usual: number) => whole('runs', values.runs, usual)
  const [name = '', ...names] = positionals
  const proofs: Readonly<Record<string, () => Promise<Outcome>>> = {
    kills: () => kills({ times: times(200), seed: whole('seed', values.seed, 1), engine, onNamed, say }),
    meets: () => meets({ runs: runs(4), times: times(5), engine, onNamed, say }),
    clean: () => clean({ runs: runs(50), engine, say }),
    seed: () => seed({ engine, say }),
    faults: () => faults({ names, engine, write: values.write, say }),
    matrix: () => matrix({ leg: values.leg, write: values.write, say }),
  }
  const chosen = Object.hasOwn(proofs, name) ? proofs[name] : undefined
  if (chosen === undefined)
    throw new Error(`There is no proof \`${name}\`. There are: ${Object.keys(proofs).join(', ')}.`)
  const begun = performance.now()
  const { summary, failures } = await chosen()
  const took = Math.round((performance.now() - begun) / 1000)
  say(`\n${summary}, in ${took} s: ${failures.length === 0 ? 'it holds' : `${failures.length} failures`}`)
  for (const failure of failures) say(`✗ ${failure}`)
  return failures.length === 0 ? 0 : 1
}

function engineOf(text: string | undefined): Engine | undefined {
  if (text === undefined || text === 'native' || text === 'embedded') return text
  throw new Error(`Expected --engine to be native or embedded, got \`${text}\`.`)
}

function whole(name: string, text: string | undefined, usual: number): number {
  const value = text === undefined ? usual : Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new Error(`Expected --${name} to be a whole number of at least 1, got \`${text}\`.`)
}

try {
  process.exitCode = await proof()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
