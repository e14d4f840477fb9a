import { openLab, type Lab, type LabOptions } from './lab.ts'
import { leftOf, readBaseline } from './left.ts'
import { openNamed } from './named.ts'
import type { Outcome } from './outcome.ts'
import { startVitest, type Ended } from './vitest-run.ts'

export interface MeetsOptions extends LabOptions {
  /** How many runs at once. */
  readonly runs: number
  /** How many times over; the first time with nothing cached. */
  readonly times: number
  readonly onNamed: boolean
  readonly say: (line: string) => void
}

/**
 * Several runs of one project at once, which share the temporary folder and what is cached there, or two named servers:
 * all pass, so none has cleared what another owns; and then nothing is left.
 */
export async function meets(options: MeetsOptions): Promise<Outcome> {
  const { runs, times, say } = options
  await using named = options.onNamed ? await openNamed(options.engine) : undefined
  await using lab = await openLab({ engine: options.engine, named })
  const baseline = await readBaseline()
  const before = await named?.contents()
  const failures: string[] = []
  for (let round = 1; round <= times; round++) {
    const ends = await atOnce(lab, runs)
    const failed = ends.filter(({ code }) => code !== 0)
    failures.push(...failed.map(({ output }) => `round ${round}, a run failed:\n${output}`))
    failures.push(...(await leftOf(lab, baseline)).map((what) => `round ${round}, left: ${what}`))
    const after = await named?.contents()
    if (String(after) !== String(before))
      failures.push(`round ${round}, on the named servers:\n${after?.join('\n')}`)
    say(`${round}/${times}: ${runs} runs at once, ${failed.length} failed`)
  }
  return { summary: `${times} times ${runs} runs at once`, failures }
}

function atOnce(lab: Lab, count: number): Promise<Ended[]> {
  return Promise.all(Array.from({ length: count }, () => startVitest(lab).ended))
}
