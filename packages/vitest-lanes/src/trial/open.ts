import { Writable } from 'node:stream'
import { LanesError, fileKey, shuffle } from '@vitest-lanes/core'
import type { TestSpecification, Vitest } from 'vitest/node'
import { noPlugin, openVitest, previewOf } from '../cli/vitest-of.ts'
import { fromRoot } from '../files/path.ts'
import { onTop } from '../providers/with-env.ts'
import { onlyTests, setSequence } from '../vitest/trial.ts'
import { directorOf } from './director.ts'
import type { Director } from './director.ts'
import { takeInterruption } from './interruption.ts'
import { createOutcome } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { press } from './pressure.ts'
import type { TrialOptions, TrialPlan, TrialResult, Trials } from './types.ts'

interface Laboratory {
  readonly vitest: Vitest
  readonly direct: Director
  readonly outcome: Outcome
  readonly specs: ReadonlyMap<string, TestSpecification>
  /** Whether tests are shuffled, by the configuration. */
  readonly shuffles: boolean
}

/**
 * Opens a Vitest of the user's configuration for trials. A configuration without lanes() is run as if it had one
 * without resources. What Vitest and the tests print is discarded; coverage, `bail` and watch mode are off.
 *
 * @throws LanesError LANES_OPTION_INVALID where Vitest cannot be set up
 */
export async function openTrials(options: TrialOptions): Promise<Trials> {
  const outcome = createOutcome()
  const vitest = await openVitest(options, {
    options: {
      reporters: [outcome.reporter],
      bail: 0,
      coverage: { enabled: false },
      ...(options.changed === undefined ? {} : { changed: options.changed }),
    },
    streams: { stdout: nowhere(), stderr: nowhere() },
  })
  const interruption = takeInterruption()
  try {
    const lab: Laboratory = {
      vitest,
      outcome,
      direct: await directorOf(vitest),
      specs: await specsOf(vitest, options.filters),
      shuffles: vitest.config.sequence.shuffle ?? false,
    }
    let last: Promise<unknown> = Promise.resolve()
    return {
      interrupted: interruption.signal,
      progress: () => outcome.progress(),
      async expectLanes() {
        if ((await previewOf(vitest, [])) === undefined) throw noPlugin(vitest)
      },
      files: async () => [...lab.specs.keys()].toSorted(),
      run(plan, signal) {
        const stop =
          signal === undefined ? interruption.signal : AbortSignal.any([interruption.signal, signal])
        const trial = last.then(() => runTrial(lab, plan, stop))
        last = trial.catch(() => {})
        return trial
      },
      async close() {
        await last
        await vitest.close()
        interruption.giveBack()
      },
    }
  } catch (error) {
    await vitest.close()
    interruption.giveBack()
    throw error
  }
}

async function specsOf(
  vitest: Vitest,
  filters: readonly string[],
): Promise<ReadonlyMap<string, TestSpecification>> {
  const found = await vitest.getRelevantTestSpecifications([...filters])
  const { root } = vitest.config
  return new Map(
    found
      .filter(({ pool }) => pool !== 'typescript')
      .map((spec) => [fileKey({ file: fromRoot(root, spec.moduleId), project: spec.project.name }), spec]),
  )
}

async function runTrial(lab: Laboratory, plan: TrialPlan, stop: AbortSignal): Promise<TrialResult> {
  const { vitest, direct, outcome, shuffles } = lab
  const order = plan.order ?? shuffle([...lab.specs.keys()].toSorted(), plan.seed)
  const specs = order.flatMap((key) => specOf(lab, key, plan.only?.[key]))
  if (specs.length === 0)
    throw new LanesError('LANES_NO_FILES', 'None of the files that were asked for is there to run.', {
      hint: '`npx vitest list --filesOnly` shows those that there are.',
    })
  setSequence(vitest, { seed: plan.seed, shuffle: plan.shuffleTests ?? shuffles })
  const pressure = press(plan.pressure)
  let cancel = nothing
  try {
    const run = await direct({
      order,
      env: onTop(plan.env ?? {}, pressure.env),
      ...defined({
        lanes: plan.lanes,
        after: plan.after,
        lane: plan.lane,
        wait: plan.wait,
        watch: plan.watch,
      }),
      begun(interrupt) {
        cancel = () => {
          // It resolves when the run has ended, which is awaited below.
          void vitest.cancelCurrentRun('keyboard-input').catch(() => {})
          interrupt()
        }
        stop.addEventListener('abort', cancel)
        if (stop.aborted) cancel()
      },
    })
    outcome.begin(specs.length)
    await vitest.runTestSpecifications(specs)
    const record = run.record()
    if (record === undefined) throw outcome.failure()
    return { record, ...outcome.result(record, vitest.config.root) }
  } finally {
    stop.removeEventListener('abort', cancel)
    await pressure.end()
  }
}

function specOf(
  { specs }: Laboratory,
  key: string,
  names: readonly string[] | undefined,
): readonly TestSpecification[] {
  const spec = specs.get(key)
  if (spec === undefined) return []
  return [names === undefined ? spec : onlyTests(spec, names)]
}

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> }

function defined<T extends object>(fields: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<
    Defined<T>
  >
}

function nothing(): void {}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}
