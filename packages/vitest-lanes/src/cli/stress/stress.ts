import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { keptRuns } from '../../trial/kept-runs.ts'
import { openTrials } from '../../trial/open.ts'
import type { TrialPlan, Trials } from '../../trial/types.ts'
import { EXIT } from '../exit.ts'
import type { ExitStatus } from '../exit.ts'
import { noFile } from '../no-file.ts'
import { showProgress } from '../progress.ts'
import type { Terminal } from '../terminal.ts'
import type { ProjectOptions } from '../vitest-of.ts'
import { progressLine } from './progress-line.ts'
import type { Limits } from './progress-line.ts'
import { stressText } from './stress-text.ts'
import { Tally } from './tally.ts'

export interface StressOptions extends ProjectOptions {
  readonly runs?: number
  /** ms */
  readonly for?: number
  readonly seed?: number
  readonly lanes?: number
  readonly shuffleTests: boolean
  readonly pressure: boolean
  readonly untilFail: boolean
  /** `true`: since the last commit. */
  readonly onlyChanged?: string | true
  readonly json: boolean
}

const USUAL_RUNS = 10
const LATENCY_MS = 20
/** Of the first run, where none is asked for: short enough to be typed. */
const MOST_SEED = 100_000

/** `vitest-lanes stress`: the suite again and again, each time in another order. */
export async function stress(
  filters: readonly string[],
  options: StressOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const { json, onlyChanged } = options
  const trials = await openTrials({
    ...options,
    filters,
    ...(onlyChanged === undefined ? {} : { changed: onlyChanged }),
  })
  try {
    const isEmpty = (await trials.files()).length === 0
    if (isEmpty && onlyChanged === undefined) throw noFile(filters, options.root)
    const tally = new Tally()
    const begun = performance.now()
    if (isEmpty) terminal.warn('No test file depends on what has changed.')
    else await runAll(trials, tally, options, terminal)
    const result = tally.result({
      interrupted: trials.interrupted.aborted,
      duration: Math.round(performance.now() - begun),
    })
    terminal.print(json ? JSON.stringify(result, undefined, 2) : stressText(result, terminal))
    if (result.interrupted) return EXIT.interrupted
    return tally.isClean ? EXIT.fine : EXIT.no
  } finally {
    await trials.close()
  }
}

async function runAll(
  trials: Trials,
  tally: Tally,
  options: StressOptions,
  terminal: Terminal,
): Promise<void> {
  const limits = limitsOf(options)
  const kept = keptRuns(resolve(options.root))
  const about = aboutOf(options)
  const first = options.seed ?? randomInt(MOST_SEED)
  const begun = performance.now()
  let spent = 0
  const hide = showProgress(terminal, options.json, () => {
    const elapsed = performance.now() - begun
    const standing = { limits, ended: tally.runs.length, spent, elapsed }
    return progressLine(standing, trials.progress(), tally.failing)
  })
  try {
    for (let index = 0; index < limits.runs; index++) {
      const result = await trials.run({ ...about, seed: first + index })
      if (trials.interrupted.aborted) break
      tally.add(await kept.keep(result.record, { ...about, seed: first + index }), result)
      if (options.untilFail && !tally.isClean) break
      spent = performance.now() - begun
      if (spent >= limits.time) break
    }
  } finally {
    hide()
  }
}

/** Without a limit of its own, `--until-fail` has none. */
function limitsOf({ runs, for: time, untilFail }: StressOptions): Limits {
  const usual = untilFail || time !== undefined ? Number.POSITIVE_INFINITY : USUAL_RUNS
  return { runs: runs ?? usual, time: time ?? Number.POSITIVE_INFINITY }
}

/** What all runs have in common. */
function aboutOf({ lanes, shuffleTests, pressure }: StressOptions): Omit<TrialPlan, 'seed'> {
  return {
    ...(lanes === undefined ? {} : { lanes }),
    ...(shuffleTests ? { shuffleTests } : {}),
    ...(pressure ? { pressure: { cpu: availableParallelism(), latencyMs: LATENCY_MS } } : {}),
  }
}
