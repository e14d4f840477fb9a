import { bisect as bisectIn, json, lanes, reset } from './command.ts'
import type { Place } from './command.ts'
import type { Fault } from './fault.ts'
import { pathOf } from './project.ts'

/** What the four commands say of a fault. */
export interface Tried {
  readonly fault: Fault
  /** In how many runs of a stress it showed itself. */
  readonly stress: Step<{ readonly failed: number; readonly runs: number }>
  /** How often a failed run had to be repeated until a test of the same file failed. */
  readonly replay: Step<number>
  /** The files that were named, and how long it took. */
  readonly bisect: Step<{
    readonly files: readonly string[]

    readonly trials: number
  }>
  /** On what the two files would meet; undefined where an audit cannot see it. */
  readonly audit: Step<string | undefined>
}

/** What a command found, or why it did not. */
export type Step<T> = { readonly found: T } | { readonly wrong: string }

interface Failing {
  readonly file: string
  readonly name: string
  readonly failures: number
  readonly runs: number
  readonly failedIn: readonly { readonly run: number }[]
}

export const STRESS_RUNS = 8
/** Of what fails by chance, not each repeat fails. */
const REPLAYS = 5

/** Runs all four on a project that has the fault. */
export async function tryFault(fault: Fault, place: Place): Promise<Tried> {
  await reset(place)
  const found = await stress(fault, place)
  const audited = await audit(fault, place)
  if ('wrong' in found) {
    const missing = { wrong: 'nothing to go by' }
    return { fault, stress: found, replay: missing, bisect: missing, audit: audited }
  }
  const { failing } = found
  const run = failing.failedIn[0]?.run ?? 0
  return {
    fault,
    stress: { found: { failed: failing.failures, runs: failing.runs } },
    replay: await replay(failing, run, place),
    bisect: await bisect(fault, failing, run, place),
    audit: audited,
  }
}

async function stress(
  { files, mutual }: Fault,
  place: Place,
): Promise<{ readonly failing: Failing } | { readonly wrong: string }> {
  const ended = await lanes(place, 'stress', '--runs', String(STRESS_RUNS), '--seed', '20', '--json')
  if (ended.code !== 1) return { wrong: `status ${ended.code}: ${ended.stderr || ended.stdout}` }
  const all = json(ended)['failing'] as readonly Failing[]
  const able = (mutual ? files : files.slice(1)).map(pathOf)
  const strange = all.find(({ file }) => !able.includes(file))
  if (strange !== undefined) return { wrong: `${strange.file} failed, which nobody disturbs` }
  const [failing] = all
  return failing === undefined ? { wrong: 'no test failed' } : { failing }
}

async function replay(failing: Failing, run: number, place: Place): Promise<Step<number>> {
  for (let time = 1; time <= REPLAYS; time++) {
    await reset(place)
    const result = json(await lanes(place, 'replay', '--run', String(run), '--json'))
    const messages = result['messages'] as readonly { readonly test: string }[]
    if (messages.some(({ test }) => test.includes(failing.file))) return { found: time }
  }
  return { wrong: `${failing.file} passed ${REPLAYS} times` }
}

interface Cause {
  readonly files: readonly { readonly file: string }[]
}

async function bisect(
  fault: Fault,
  { file, name }: Failing,
  run: number,
  place: Place,
): Promise<Tried['bisect']> {
  const record = `.vitest-lanes/stress/${run}.json`
  const ended = await bisectIn(place, `${file} > ${name}`, record)
  if (ended.code !== 0) return { wrong: `status ${ended.code}: ${ended.stderr || ended.stdout}` }
  const { causes, trials, sentence } = json(ended) as {
    causes: readonly Cause[]
    trials: number
    sentence: string
  }
  const [cause] = causes
  const named = cause?.files.map((each) => each.file) ?? []
  const culprits = fault.files.map(pathOf).filter((each) => each !== file)
  if (named.join() !== culprits.join()) return { wrong: sentence }
  return { found: { files: named, trials } }
}

interface Use {
  readonly kind: string
  readonly name: string
}

async function audit({ files, meets }: Fault, place: Place): Promise<Tried['audit']> {
  const ended = await lanes(place, 'audit', '--json')
  const { collisions } = json(ended) as {
    collisions: readonly {
      readonly files: readonly string[]
      readonly on: readonly { readonly first: Use; readonly second: Use }[]
    }[]
  }
  const pair = files.map(pathOf)
  const found = collisions.find((each) => each.files.every((file) => pair.includes(file)))
  const uses = (found?.on ?? [])
    .flatMap(({ first, second }) => [first, second])
    .map(({ kind, name }) => `${kind} ${name}`)
  if (meets === undefined)
    return uses.length === 0 ? { found: undefined } : { wrong: `they would meet on ${uses.join(', ')}` }
  const use = uses.find((each) => meets.test(each))
  return use === undefined ? { wrong: `they would meet on ${uses.join(', ') || 'nothing'}` } : { found: use }
}
