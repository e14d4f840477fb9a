import { openLab, type Lab, type LabOptions } from './lab.ts'
import { leftOf, readBaseline, type Baseline } from './left.ts'
import { openNamed, type Named } from './named.ts'
import { pick, randomFrom } from './random.ts'
import type { Outcome } from './outcome.ts'
import { strike, VICTIMS, type Victim } from './strike.ts'
import { note, startVitest } from './vitest-run.ts'

export interface KillsOptions extends LabOptions {
  readonly times: number
  readonly seed: number
  /** Uses servers of the proof's own as if the user had named them. */
  readonly onNamed: boolean
  readonly say: (line: string) => void
}

/**
 * Kills at random moments, so many times over: each time the next run passes, and after it nothing is left of either.
 */
export async function kills(options: KillsOptions): Promise<Outcome> {
  const { times, seed, say } = options
  await using named = options.onNamed ? await openNamed(options.engine) : undefined
  await using lab = await openLab({ engine: options.engine, named })
  const random = randomFrom(seed)
  // A named server is not ours to start, and so not ours to end.
  const victims = VICTIMS.filter((victim) => victim !== 'server' || named === undefined)
  const baseline = await readBaseline()
  const before = await named?.contents()
  const failures: string[] = []
  const count: Record<Victim, number> = { vitest: 0, worker: 0, server: 0, all: 0 }
  const cold = await startVitest(lab).ended
  if (cold.code !== 0) throw new Error(`The project does not pass, with nobody killed:\n${cold.output}`)
  let usual = (await startVitest(lab).ended).ms
  say(`seed ${seed}; a run takes ${Math.round(usual)} ms`)

  for (let round = 1; round <= times; round++) {
    const victim = pick(random, victims) ?? 'vitest'
    const delay = random() * usual
    const found = await oneRound(lab, { victim, delay, random, baseline, named, before })
    if (found.killed !== undefined) count[victim]++
    usual += ((found.ms ?? usual) - usual) / 10
    const line = `${round}/${times} ${victim} after ${Math.round(delay)} ms (${found.killed ?? 'run was over'})`
    say(`${line}: ${found.wrong.length === 0 ? 'ok' : found.wrong.join('\n  ')}`)
    failures.push(...found.wrong.map((wrong) => `${line}: ${wrong}`))
  }
  const killed = Object.entries(count).map(([victim, number]) => `${victim} ${number}`)
  return { summary: `${times} rounds; killed: ${killed.join(', ')}`, failures }
}

interface Round {
  readonly victim: Victim
  readonly delay: number
  readonly random: () => number
  readonly baseline: Baseline
  readonly named: Named | undefined
  readonly before: readonly string[] | undefined
}

interface Found {
  readonly killed: string | undefined
  readonly wrong: readonly string[]
  /** What the undisturbed run took. */
  readonly ms?: number
}

async function oneRound(lab: Lab, { victim, delay, random, baseline, named, before }: Round): Promise<Found> {
  const struck = startVitest(lab)
  const killed = await strike(lab, struck, victim, delay, random)
  const end = await struck.ended
  await note(lab)
  const wrong: string[] = []
  if (end.hung !== undefined) wrong.push(`the run hung, with ${end.hung.join(', ')}:\n${end.output}`)
  // Whoever loses a worker or a server goes on, and clears up after itself.
  if (victim === 'worker' || victim === 'server') {
    if (end.signal !== null && end.hung === undefined)
      wrong.push(`the run ended with ${end.signal}:\n${end.output}`)
    const left = await leftOf(lab, baseline)
    if (left.length > 0) wrong.push(`the run itself left ${left.join(', ')}:\n${end.output}`)
  }
  const next = await startVitest(lab).ended
  if (next.code !== 0) wrong.push(`the next run failed:\n${next.output}`)
  wrong.push(...(await leftOf(lab, baseline)).map((what) => `left after the next run: ${what}`))
  if (named !== undefined && before !== undefined) wrong.push(...difference(before, await named.contents()))
  return { killed, wrong, ms: next.ms }
}

function difference(before: readonly string[], after: readonly string[]): string[] {
  return [
    ...after.filter((line) => !before.includes(line)).map((line) => `left on the named server: ${line}`),
    ...before.filter((line) => !after.includes(line)).map((line) => `gone from the named server: ${line}`),
  ]
}
