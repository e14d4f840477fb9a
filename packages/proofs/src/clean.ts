import { lanes } from './faults/command.ts'
import { openLab, type LabOptions } from './lab.ts'
import { leftOf, readBaseline } from './left.ts'
import type { Outcome } from './outcome.ts'
import { startVitest } from './vitest-run.ts'

export interface CleanOptions extends LabOptions {
  readonly runs: number
  readonly say: (line: string) => void
}

/**
 * One run after another, nobody killed: all pass, and none leaves anything, not even until the next. Then as many in one
 * stress, each in another order: nothing is told to be flaky.
 */
export async function clean({ engine, runs, say }: CleanOptions): Promise<Outcome> {
  await using lab = await openLab({ engine })
  const baseline = await readBaseline()
  const failures: string[] = []
  for (let round = 1; round <= runs; round++) {
    const { code, output, ms } = await startVitest(lab).ended
    if (code !== 0) failures.push(`run ${round} failed:\n${output}`)
    const left = await leftOf(lab, baseline)
    failures.push(...left.map((what) => `run ${round} left: ${what}`))
    say(`${round}/${runs}: exit ${code}, ${Math.round(ms)} ms, ${left.length} left`)
  }
  const stressed = await lanes({ root: lab.root, env: lab.env }, 'stress', '--runs', String(runs))
  if (stressed.code !== 0)
    failures.push(`stress ended with ${stressed.code}:\n${stressed.stdout}${stressed.stderr}`)
  say(stressed.stdout.trim().split('\n')[0] ?? '')
  failures.push(...(await leftOf(lab, baseline)).map((what) => `stress left: ${what}`))
  return { summary: `${runs} runs one after another, and a stress of as many`, failures }
}
