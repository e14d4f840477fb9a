#!/usr/bin/env node
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { GROUPS } from './groups.ts'
import type { BenchResult } from './result.ts'
import { table } from './table.ts'

const HELP = `Measures what vitest-lanes costs and gains, side by side in one run.

Usage: pnpm bench [group…] [--json FILE]

Groups: ${Object.keys(GROUPS).join(', ')}. Without a group: all of them.
Exit status: 0 if every figure is within its limit, 1 if not, 2 if an argument cannot be read.
`

async function bench(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2).filter((arg) => arg !== '--'),
    allowPositionals: true,
    options: { json: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const unknown = positionals.find((name) => !Object.hasOwn(GROUPS, name))
  if (unknown !== undefined) {
    process.stderr.write(`There is no group \`${unknown}\`. There are: ${Object.keys(GROUPS).join(', ')}.\n`)
    return 2
  }
  const results: BenchResult[] = []
  for (const [name, run] of Object.entries(GROUPS)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue
    process.stderr.write(`${name} …\n`)
    results.push(...(await run()))
  }
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results, undefined, 2)}\n`)
  process.stdout.write(`${table(results)}\n`)
  return results.every(({ pass }) => pass) ? 0 : 1
}

try {
  process.exitCode = await bench()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
