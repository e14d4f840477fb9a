import { orderFiles } from '@vitest-lanes/core'
import type { OrderOptions, RunRecord } from '@vitest-lanes/core'
import type { TestModule, TestProject, TestSpecification, Vitest } from 'vitest/node'
import { Planner } from './files/planner.ts'
import { Projects } from './files/projects.ts'
import { watchFor } from './findings/watch-for.ts'
import type { Watch } from './findings/watch.ts'
import { checkingInputLater } from './input-error.ts'
import { countLanes, userMaxWorkers } from './lanes.ts'
import type { LaneCount } from './lanes.ts'
import type { ResolvedOptions } from './options.ts'
import { createOutput } from './output.ts'
import { CompileCache } from './pool/compile-cache.ts'
import { LiveWorkers } from './pool/live-workers.ts'
import { StandIn, POOL_NAME } from './pool/stand-in.ts'
import { AllInstances } from './run/all-instances.ts'
import { commitOf } from './run/commit.ts'
import { asAsked, asWatched, gateOf } from './run/directive.ts'
import type { Directed, Directive } from './run/directive.ts'
import { factsOf, resourceRecords } from './run/facts.ts'
import { lanesFolder } from './run/folder.ts'
import { openHistory } from './run/history.ts'
import { handleSignals } from './run/interrupt.ts'
import { keepRecord } from './run/keep-record.ts'
import { Run, newRunId } from './run/run.ts'
import type { PlannedFile } from './run/run.ts'
import { previewRun } from './run/preview.ts'
import type { DirectedRun, Preview, SplitTrial } from './run/preview.ts'
import { Sharding } from './run/sharding.ts'
import { Scheduler } from './run/scheduler.ts'
import { SplitPlanner } from './run/split-planner.ts'
import type { SplitFile } from './run/splits.ts'
import { followLoad } from './run/follow-load.ts'
import { watchRun } from './run/watch.ts'
import { summary } from '@vitest-lanes/report'
import { createReporter } from './reporter.ts'
import type { RunEndReason } from './reporter.ts'
import { createSequencer } from './sequencer.ts'
import { addSuiteProperties } from './vitest/junit.ts'
import { isRealPool } from './vitest/real-pools.ts'
import { addReporter, addTags, raiseMaxWorkers, setSequencer, takePool } from './vitest/config.ts'

// How long a cancelled run waits for its instances to be clean, in ms. A server may have been hanging for minutes.
const PATIENCE = 5_000
// Closing has three steps, each as patient as this; after all of `teardownTimeout` Vitest exits (4.1.12, 5.1.1).
const SHARE_OF_TEARDOWN = 0.3

/** What vitest-lanes is to one Vitest: its projects, its instances, and the run under way. */
export class Runtime {
  readonly #vitest: Vitest
  readonly #options: ResolvedOptions
  readonly #output
  readonly #folder
  readonly #history
  readonly #lanes: LaneCount
  readonly #projects: Projects
  readonly #planner: Planner
  readonly #splits: SplitPlanner
  readonly #sharding: Sharding
  readonly #instances: AllInstances
  readonly #runId = newRunId()
  readonly #live = new LiveWorkers()
  readonly #compiled = new CompileCache()
  readonly #watch: Watch
  #run: Run | undefined
  /** When the run began. */
  #commit: Promise<string | undefined> | undefined
  #directed: Directed | undefined
  /** The last run, whose reports may still be written. */
  #reported: Run | undefined
  #giveBack: (() => void) | undefined
  #endWatch: (() => void) | undefined

  constructor(vitest: Vitest, options: ResolvedOptions) {
    this.#vitest = vitest
    this.#options = options
    this.#output = createOutput(vitest)
    this.#folder = lanesFolder(vitest.config.root)
    this.#history = openHistory(this.#folder, (line) => this.#output.warn(line))
    const { root } = vitest.config
    const rootCap = userMaxWorkers(vitest.config)
    this.#lanes = countLanes(options.lanes, rootCap)
    this.#projects = new Projects(options, root, rootCap)
    this.#splits = new SplitPlanner(options, this.#lanes.start, () => this.#projects.declared())
    this.#planner = new Planner({
      root,
      claims: options.claims,
      projects: this.#projects,
      history: this.#history,
      warn: (line) => this.#output.warn(line),
    })
    this.#sharding = new Sharding({
      planner: this.#planner,
      history: this.#history,
      lanes: options.lanes === 'auto' ? undefined : options.lanes,
      declared: () => this.#projects.declared(),
      once: (line) => this.#output.once(line),
      warn: (line) => this.#output.warn(line),
    })
    this.#instances = new AllInstances(options.resources.values(), this.#lanes.most, {
      runId: this.#runId,
      root,
      log: (line) => this.#output.once(line),
      resized: (resource, count) => this.#run?.scheduler.resize(resource, count),
    })
    const instances = this.#instances.byResource
    this.#watch = watchFor(vitest, options, this.#runId, instances, (line) => this.#output.warn(line))
    setSequencer(vitest, (chosen) =>
      createSequencer(
        chosen,
        (specs, order) => checkingInputLater(() => this.#plan(specs, order)),
        (specs) => checkingInputLater(() => this.#sharding.divide(specs, this.#vitest.config.shard)),
      ),
    )
    addReporter(
      vitest,
      createReporter({
        ready: () => addSuiteProperties(vitest, (file) => this.#reported?.propertiesOf(file) ?? {}),
        collected: (module) => this.#run?.collected(module),
        testEnded: (test) => this.#run?.testEnded(test),
        runEnded: (modules, reason) => this.#finish(modules, reason),
      }),
    )
    vitest.onClose(() => this.#close())
  }

  get options(): ResolvedOptions {
    return this.#options
  }

  /** Runs the project's files in lanes. Leaves browser, typecheck and foreign pools alone. */
  manage(project: TestProject): void {
    const { pool } = project.config
    if (this.#projects.all.has(project)) return
    if (project.config.browser?.enabled || !isRealPool(pool)) return this.#projects.addBeyond(project)
    this.#projects.add(project)
    addTags(project, this.#options.resources.keys())
    takePool(project, {
      name: POOL_NAME,
      createPoolWorker: (options) => new StandIn(pool, options, () => this.#current()),
    })
  }

  /** What a run of these files would be given, without running anything. */
  preview(specs: readonly TestSpecification[]): Promise<Preview> {
    return previewRun(specs, {
      options: this.#options,
      lanes: this.#lanes,
      projects: this.#projects,
      planner: this.#planner,
    })
  }

  /** The next run obeys this. Servers are kept, unless they are too few for its lanes. */
  async direct(directive: Directive): Promise<DirectedRun> {
    await this.#instances.makeRoom(directive.lanes ?? this.#lanes.most, PATIENCE)
    let record: RunRecord | undefined
    this.#directed = { directive, recorded: (its) => (record = its) }
    return { record: () => record }
  }

  /** From now on all files that can are run in parts. */
  splitAll(): SplitTrial {
    return this.#splits.splitAll()
  }

  // Vitest asks its sequencer once for each run, in watch mode too. Without a plan (a sequencer set behind our back),
  // files are planned as they come.
  #current(): Run {
    return (this.#run ??= this.#begin(new Map(), 'chains'))
  }

  #begin(
    planned: ReadonlyMap<string, PlannedFile>,
    order: 'chains' | 'given',
    splits: ReadonlyMap<string, SplitFile> = new Map(),
    workers = planned.size,
  ): Run {
    this.#giveBack ??= this.#takeExit()
    this.#commit = commitOf(this.#vitest.config.root)
    const directive = this.#directed?.directive
    const lanes =
      directive?.lanes === undefined ? this.#lanes : { start: directive.lanes, most: directive.lanes }
    const run = new Run({
      root: this.#vitest.config.root,
      lanes: lanes.most,
      scheduler: new Scheduler(lanes.start, this.#projects.declared(), this.#instances.byResource, order, {
        gate: gateOf(directive, { files: planned.keys(), lanes: lanes.start }),
        env: directive?.env,
      }),
      planned,
      live: this.#live,
      watch: this.#watch,
      compiled: this.#compiled,
      claimsOf: (project, path, tags) => this.#projects.claimsOf(project, path, tags),
      workers,
      isAhead: directive === undefined,
      splits,
    })
    this.#instances.begin(run.scheduler, directive?.watch)
    this.#reported = run
    this.#endWatch?.()
    const watches = [watchRun(this.#vitest, run, this.#output), followLoad(run.scheduler, lanes)]
    this.#endWatch = () => watches.forEach((end) => end())
    directive?.begun?.(() => run.interrupt())
    return run
  }

  async #plan(
    specs: readonly TestSpecification[],
    order: { keepOrder: boolean },
  ): Promise<TestSpecification[]> {
    const ours = this.#projects.ours(specs)
    this.#projects.expectReachable(specs)
    await this.#planner.checkGlobs(ours)
    for (const [project, count] of this.#projects.outside(specs))
      this.#output.once(
        `${count} ${count === 1 ? 'file' : 'files'} of \`${project}\` run outside of lanes: the project does not extend the configuration that has lanes()`,
      )
    const directive = this.#directed?.directive
    const resources = this.#options.resources.values()
    const files = asWatched(await this.#planner.plan(ours), directive?.watch, resources)
    await this.#sharding.keep()
    const planned = new Map(files.map((file): [string, PlannedFile] => [file.id, file]))
    raiseMaxWorkers(this.#projects.all, specs)
    const asked = directive?.order
    const keepOrder = order.keepOrder || asked !== undefined
    // A run that is directed goes file by file.
    const splits = directive === undefined ? await this.#splits.plan(files) : undefined
    this.#run = this.#begin(planned, keepOrder ? 'given' : 'chains', splits, specs.length)
    const ordered = keepOrder ? asAsked(files, asked) : orderFiles(files, this.#orderOptions())
    const mine = new Set(ours)
    return [...ordered.map(({ spec }) => spec), ...specs.filter((spec) => !mine.has(spec))]
  }

  #orderOptions(): OrderOptions {
    return {
      lanes: this.#lanes.start,
      instances: (resource) => this.#instances.byResource.get(resource)?.count ?? 1,
    }
  }

  // From the first run on there is something to take away.
  #takeExit(): () => void {
    const kill = (): void => this.#live.kill()
    process.on('exit', kill)
    const giveSignalsBack =
      this.#directed === undefined
        ? handleSignals(this.#vitest, this.#output, () => this.#run?.interrupt())
        : () => {}
    return () => {
      process.off('exit', kill)
      giveSignalsBack()
    }
  }

  async #finish(modules: readonly TestModule[], reason: RunEndReason): Promise<void> {
    const run = this.#run
    if (run === undefined) return
    const settled = await run.settled(reason === 'interrupted' ? PATIENCE : undefined)
    if (!settled) this.#output.warn('The run was cancelled before all its instances were clean.')
    const facts = factsOf(this.#vitest, {
      run: this.#runId,
      lanes: run.scheduler.mostLanes,
      shardPlan: this.#sharding.plan,
      commit: await this.#commit,
    })
    const splits = await run.learn(modules)
    const record = run.finish(
      modules,
      facts,
      reason,
      resourceRecords(this.#options.resources.values(), this.#instances.byResource),
    )
    this.#run = undefined
    this.#endWatch?.()
    if (this.#directed !== undefined) {
      this.#directed.recorded(record)
      this.#directed = undefined
      return
    }
    const kept = await keepRecord(record, {
      folder: this.#folder,
      history: this.#history,
      warn: (line) => this.#output.warn(line),
      splits,
    })
    this.#output.lines(summary(record, kept))
  }

  async #close(): Promise<void> {
    const patience = this.#vitest.config.teardownTimeout * SHARE_OF_TEARDOWN
    // Still there if it only collected tests (`vitest list`), for which no reporter is called.
    await this.#run?.settled(patience)
    await Promise.all([this.#watch.close(), this.#instances.stop(patience)])
    this.#endWatch?.()
    this.#giveBack?.()
  }
}
