import { parseArgs } from 'node:util'

export const HELP = `Runs one suite three ways and compares them:
  shared, in parallel      stock Vitest, one Redis and one database for all files
  shared, one at a time    stock Vitest, fileParallelism: false
  lanes                    the same files, unchanged, with vitest-lanes

Usage: pnpm demo [options]

  --json FILE     writes the figures
  --repeat N      repeats the second and third way N times (default 1)
  --engine NAME   native or embedded: which servers to use (default: native where the machine has them)
  --help          shows this

Exit status: 0 if the first way failed and the others passed every test; 1 if not; 2 if an option cannot be read.
`

export interface DemoOptions {
  readonly json: string | undefined
  readonly repeat: number
  readonly engine: string | undefined
  readonly help: boolean
}

/** Reads the command line. Throws an `Error` whose message is for the user. */
export function readOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    options: {
      json: { type: 'string' },
      repeat: { type: 'string', default: '1' },
      engine: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const repeat = Number(values.repeat)
  if (!Number.isInteger(repeat) || repeat < 1)
    throw new Error(`Expected --repeat to be a whole number of at least 1, got \`${values.repeat}\`.`)
  if (values.engine !== undefined && values.engine !== 'native' && values.engine !== 'embedded')
    throw new Error(`Expected --engine to be \`native\` or \`embedded\`, got \`${values.engine}\`.`)
  return { json: values.json, repeat, engine: values.engine, help: values.help }
}
