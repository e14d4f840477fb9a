import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { fileKey, partId } from '@vitest-lanes/core'
import type { Claim, RunRecord, SplitFindings } from '@vitest-lanes/core'
import { claimsText, instancesText, placeText } from '@vitest-lanes/report'
import type { TestCase, TestModule, TestProject } from 'vitest/node'
import { fromRoot } from '../files/path.ts'
import type { Watch } from '../findings/watch.ts'
import { FileJob } from '../pool/file-job.ts'
import type { FileJobOptions } from '../pool/file-job.ts'
import type { AheadWorkers } from '../pool/ahead-workers.ts'
import type { CompileCache } from '../pool/compile-cache.ts'
import { aheadWorkers } from './ahead.ts'
import { KeptWorkers } from '../pool/kept-workers.ts'
import type { LiveWorkers } from '../pool/live-workers.ts'
import type { PoolRun, StandInJob } from '../pool/run.ts'
import type { FileSplit } from '../pool/split/file-split.ts'
import { whyWholeFile, whyWholeProject } from '../vitest/splittable.ts'
import type { RequestedFile, RunRequest, StartRequest } from '../vitest/messages.ts'
import { annotate } from '../vitest/annotations.ts'
import type { Properties, SuiteFile } from '../vitest/junit.ts'
import type { RealPoolName } from '../vitest/real-pools.ts'
import { Recorder } from './recorder.ts'
import type { RunFacts } from './recorder.ts'
import type { Scheduler } from './scheduler.ts'
import { Splits } from './splits.ts'
import type { SplitFile } from './splits.ts'
import { within } from './within.ts'

/** What is known of a file before it runs. */
export interface PlannedFile {
  readonly file: string
  readonly project: string
  readonly claims: readonly Claim[]
  /** Hash of its text. */
  readonly content?: string
  /** ms */
  readonly estimate: number
  readonly failedLast: boolean
}

/** One run of Vitest: from the plan until every file is accounted for and every instance is clean. */
export class Run implements PoolRun {
  readonly recorder: Recorder
  /** The most that there may be. */
  readonly lanes: number
  readonly scheduler: Scheduler
  readonly splits: Splits
  readonly #root: string
  readonly #planned: ReadonlyMap<string, PlannedFile>
  readonly #claimsOf: (project: TestProject, path: string, tags: readonly string[]) => readonly Claim[]
  readonly #live: LiveWorkers
  readonly #watch: Watch
  readonly #kept = new KeptWorkers()
  readonly #ahead: AheadWorkers
  readonly #compiled: CompileCache
  readonly #interruption = new AbortController()
  readonly #shared = new Map<TestProject, StartRequest['context']['config']>()
  /** Vitest numbers its workers from 0 (4.1.12) or 1 (5.1.1): the first number that neither uses. */
  #workers: number

  constructor(options: {
    root: string
    lanes: number
    scheduler: Scheduler
    planned: ReadonlyMap<string, PlannedFile>
    live: LiveWorkers
    watch: Watch
    compiled: CompileCache
    claimsOf: (project: TestProject, path: string, tags: readonly string[]) => readonly Claim[]
    /** How many workers Vitest itself wants. */
    workers: number
    /** Whether processes may come up ahead of their files: not where variables are read as they begin. */
    isAhead: boolean
    /** Files that may run in parts. */
    splits: ReadonlyMap<string, SplitFile>
  }) {
    const { scheduler } = options
    this.recorder = new Recorder((file, moment) => scheduler.reached(file, moment))
    this.splits = new Splits(options.splits, (finding) => this.recorder.find(finding))
    this.#workers = options.workers + 1
    this.#root = options.root
    this.lanes = options.lanes
    this.scheduler = scheduler
    this.#planned = options.planned
    this.#live = options.live
    this.#ahead = aheadWorkers(scheduler, options.isAhead)
    this.#watch = options.watch
    this.#compiled = options.compiled
    setMaxListeners(0, this.#interruption.signal)
    this.#claimsOf = options.claimsOf
  }

  get interrupted(): AbortSignal {
    return this.#interruption.signal
  }

  /** Ends every worker now, whatever its file does. */
  interrupt(): void {
    this.#interruption.abort()
  }

  share(project: TestProject, start: StartRequest): StartRequest {
    const config = this.#shared.get(project) ?? start.context.config
    this.#shared.set(project, config)
    return { ...start, context: { ...start.context, config } }
  }

  job(project: TestProject, pool: RealPoolName, request: RunRequest): StandInJob {
    const first: RequestedFile = request.context.files[0]!
    const file = fromRoot(this.#root, first.filepath)
    const id = fileKey({ file, project: project.name })
    const planned = this.#planned.get(id) ?? {
      file,
      project: project.name,
      claims: this.#claimsOf(project, first.filepath, first.fileTags ?? []),
      estimate: 0,
      failedLast: false,
    }
    const { claims, estimate, failedLast, content } = planned
    const clock = this.recorder.add(id, {
      file,
      project: project.name,
      claims,
      ...(content === undefined ? {} : { content }),
      estimate,
    })
    const options: FileJobOptions = {
      project,
      pool,
      request,
      job: {
        id,
        claims,
        estimate,
        failedLast,
        clock,
      },
      scheduler: this.scheduler,
      kept: this.#kept,
      ahead: this.#ahead,
      compiled: this.#compiled,
      live: this.#live,
      lanes: this.lanes,
      file,
      watch: this.#watch,
      find: (finding) => this.recorder.find(finding),
    }
    if (!this.splits.has(id) || request.type !== 'run') return new FileJob(options)
    return new FileJob({
      ...options,
      split: this.#split(options, first),
      compared: (snapshots) => this.splits.compared(id, snapshots),
    })
  }

  /** What the configuration and the request say now: in watch mode both change after the plan. */
  #split(options: FileJobOptions, asked: RequestedFile): FileSplit | undefined {
    const { project, job, find } = options
    const { id, claims, failedLast } = job
    const parts = this.splits.partsOf(id)
    if (parts === undefined || whyWholeFile(asked) !== undefined) return undefined
    if (whyWholeProject(project.serializedConfig) !== undefined) return undefined
    const told = new Set<string>()
    return {
      parts: parts.map((tests, part) => ({
        tests,
        workerId: part === 0 ? undefined : this.#workers++,
        job: new FileJob({
          ...options,
          job: {
            id: partId(id, part),
            claims,
            estimate: tests.reduce((sum, [, , ms]) => sum + ms, this.splits.overhead(id)),
            failedLast,
            clock: this.recorder.addPart(id, tests.length),
          },
          find(finding) {
            const text = JSON.stringify(finding)
            if (!told.has(text)) find(finding)
            told.add(text)
          },
        }),
      })),
      matched: this.splits.matched(id),
      merged: (snapshots) => this.splits.merged(id, snapshots),
      gaveUp: (problem) => this.splits.gaveUp(id, problem),
    }
  }

  /**
   * Waits until no file waits or runs, processes are gone, instances clean and findings made. False if that was not so within the
   * limit, in ms.
   */
  async settled(limit: number | undefined): Promise<boolean> {
    return within(
      Promise.all([this.#kept.end(), this.#ahead.end()])
        .then(() => this.scheduler.settled())
        .then(() => this.#watch.settled()),
      limit,
    )
  }

  collected(module: TestModule): void {
    this.recorder.collected(this.#idOf(module.moduleId, module.project.name))
  }

  /** Tells a test that failed what ran beside it: the first question about a flake. */
  testEnded(test: TestCase): void {
    const { startTime, duration } = test.diagnostic() ?? {}
    if (test.result().state !== 'failed' || startTime === undefined || duration === undefined) return
    const id = this.#idOf(test.module.moduleId, test.project.name)
    const noted = this.recorder.failedTest(id, test.fullName, { from: startTime, duration })
    if (noted?.file.lane !== undefined)
      annotate(test, { type: 'lanes', message: placeText(noted.file, noted.beside) })
  }

  /** What a JUnit report says of a file. */
  propertiesOf({ filepath, projectName = '' }: SuiteFile): Properties {
    const file = this.recorder.get(this.#idOf(filepath, projectName))
    if (file?.lane === undefined) return {}
    const { lane, claims, instances, cpu, times } = file
    return {
      'lanes.lane': String(lane),
      'lanes.claims': claimsText(claims),
      'lanes.instances': instancesText(instances).replace(' on ', ''),
      'lanes.waitedMs': String(Math.round((times.admitted ?? times.queued) - times.queued)),
      ...(cpu === undefined ? {} : { 'lanes.cpuMs': String(cpu) }),
    }
  }

  /** What the run has found out about files that may run in parts; to be asked for before it is closed. */
  learn(modules: readonly TestModule[]): Promise<SplitFindings> {
    return this.splits.learn(modules, (module) =>
      this.recorder.get(this.#idOf(module.moduleId, module.project.name)),
    )
  }

  #idOf(path: string, project: string): string {
    return fileKey({ file: fromRoot(this.#root, path), project })
  }

  /** Closes the record. */
  finish(
    modules: readonly TestModule[],
    facts: RunFacts,
    outcome: RunRecord['outcome'],
    resources: RunRecord['resources'],
  ): RunRecord {
    for (const module of modules) this.#note(module)
    return this.recorder.finish(facts, outcome, resources)
  }

  #note(module: TestModule): void {
    const tests = { passed: 0, failed: 0, skipped: 0, todo: 0 }
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state === 'passed' || state === 'failed') tests[state]++
      else if (test.options.mode === 'todo') tests.todo++
      else tests.skipped++
    }
    const state = module.state()
    const ended = state === 'passed' || state === 'failed' || state === 'skipped'
    const id = this.#idOf(module.moduleId, module.project.name)
    this.recorder.outcome(id, ended ? state : 'cancelled', tests)
  }
}

/** Ten lower-case letters and digits. */
export function newRunId(): string {
  return BigInt(`0x${randomBytes(8).toString('hex')}`)
    .toString(36)
    .padStart(10, '0')
    .slice(-10)
}
