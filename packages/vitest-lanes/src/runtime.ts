import { fileKey, orderFiles } from '@vitest-lanes/core'
import type { Claim, Instances, OrderOptions, ResourceRecord, RunRecord } from '@vitest-lanes/core'
import type { TestModule, TestProject, TestSpecification, Vitest } from 'vitest/node'
import { fromRoot } from './files/path.ts'
import { readTestFile } from './files/test-file.ts'
import { globsWithoutFiles } from './files/unmatched.ts'
import { checkingInputLater } from './input-error.ts'
import { countLanes, projectMaxWorkers, userMaxWorkers } from './lanes.ts'
import { watchContention } from './live.ts'
import type { ResolvedOptions } from './options.ts'
import { createOutput } from './output.ts'
import { LiveWorkers } from './pool/live-workers.ts'
import { StandIn, POOL_NAME } from './pool/stand-in.ts'
import { factsOf } from './run/facts.ts'
import { lanesFolder } from './run/folder.ts'
import { openHistory } from './run/history.ts'
import { ResourceInstances } from './run/instances.ts'
import { handleSignals } from './run/interrupt.ts'
import { writeReports } from './run/reports.ts'
import { Run, newRunId } from './run/run.ts'
import type { PlannedFile } from './run/run.ts'
import type { Preview } from './run/preview.ts'
import { Scheduler } from './run/scheduler.ts'
import { summary } from '@vitest-lanes/report'
import type { SummaryOptions } from '@vitest-lanes/report'
import { createReporter } from './reporter.ts'
import type { RunEndReason } from './reporter.ts'
import { createSequencer } from './sequencer.ts'
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
  readonly #lanes: number
  readonly #rootCap: number | undefined
  readonly #projects = new Set<TestProject>()
  /** A project that has a `maxWorkers` of its own: a resource that each of its files claims. */
  readonly #caps = new Map<TestProject, { resource: string; instances: number }>()
  readonly #instances: ReadonlyMap<string, ResourceInstances>
  readonly #runId = newRunId()
  readonly #live = new LiveWorkers()
  #run: Run | undefined
  #checkedGlobs = false
  #giveBack: (() => void) | undefined
  #endWatch: (() => void) | undefined

  constructor(vitest: Vitest, options: ResolvedOptions) {
    this.#vitest = vitest
    this.#options = options
    this.#output = createOutput(vitest)
    this.#folder = lanesFolder(vitest.config.root)
    this.#history = openHistory(this.#folder, (line) => this.#output.warn(line))
    this.#rootCap = userMaxWorkers(vitest.config)
    this.#lanes = countLanes(options.lanes, this.#rootCap)
    this.#instances = this.#createInstances()
    setSequencer(vitest, (chosen) =>
      createSequencer(chosen, (specs, order) => checkingInputLater(() => this.#plan(specs, order))),
    )
    addReporter(
      vitest,
      createReporter((modules, reason) => this.#finish(modules, reason)),
    )
    vitest.onClose(() => this.#close())
  }

  get options(): ResolvedOptions {
    return this.#options
  }

  /** Runs the project's files in lanes. Leaves browser, typecheck and foreign pools alone. */
  manage(project: TestProject): void {
    const { pool } = project.config
    if (this.#projects.has(project) || project.config.browser?.enabled || !isRealPool(pool)) return
    this.#projects.add(project)
    const cap = projectMaxWorkers(project)
    if (cap !== undefined && cap !== this.#rootCap)
      this.#caps.set(project, { resource: `project ${project.name}`, instances: cap })
    addTags(project, this.#options.resources.keys())
    takePool(project, {
      name: POOL_NAME,
      createPoolWorker: (options) => new StandIn(pool, options, () => this.#current()),
    })
  }

  /** What a run of these files would be given, without running anything. */
  async preview(specs: readonly TestSpecification[]): Promise<Preview> {
    const ours = specs.filter(({ project, pool }) => this.#projects.has(project) && pool === POOL_NAME)
    const files = await this.#planFiles(ours)
    return {
      lanes: this.#lanes,
      resources: this.#declared(),
      providers: [...this.#options.resources.values()].flatMap(({ name, provider }) =>
        provider === undefined ? [] : [{ resource: name, provider }],
      ),
      files,
      others: specs.length - ours.length,
    }
  }

  #createInstances(): ReadonlyMap<string, ResourceInstances> {
    return new Map(
      [...this.#options.resources].map(([name, resource]) => [
        name,
        new ResourceInstances(resource, {
          runId: this.#runId,
          root: this.#vitest.config.root,
          lanes: this.#lanes,
          instances: resource.instances === 'lanes' ? 2 * this.#lanes : resource.instances,
          log: (line) => this.#output.once(line),
          resized: (count) => this.#run?.scheduler.resize(name, count),
        }),
      ]),
    )
  }

  // Vitest asks its sequencer once for each run, in watch mode too. Without a plan (a sequencer set behind our back),
  // files are planned as they come.
  #current(): Run {
    return (this.#run ??= this.#begin(new Map(), 'chains'))
  }

  #begin(planned: ReadonlyMap<string, PlannedFile>, order: 'chains' | 'given'): Run {
    this.#giveBack ??= this.#takeExit()
    this.#endWatch?.()
    this.#endWatch = watchContention({
      contention: () => this.#run?.scheduler.contention() ?? [],
      say: (line) => this.#output.lines([line]),
    })
    return new Run({
      root: this.#vitest.config.root,
      lanes: this.#lanes,
      scheduler: new Scheduler(this.#lanes, this.#declared(), this.#instances, order),
      planned,
      live: this.#live,
      claimsOf: (project, path, tags) => this.#claimsOf(project, path, tags),
    })
  }

  #declared(): Record<string, { instances: Instances }> {
    const resources: Record<string, { instances: Instances }> = {}
    for (const [name, { instances }] of this.#options.resources) resources[name] = { instances }
    for (const { resource, instances } of this.#caps.values()) resources[resource] = { instances }
    return resources
  }

  async #plan(
    specs: readonly TestSpecification[],
    order: { keepOrder: boolean },
  ): Promise<TestSpecification[]> {
    const ours = specs.filter(({ project, pool }) => this.#projects.has(project) && pool === POOL_NAME)
    await this.#checkGlobs(ours)
    const files = await this.#planFiles(ours)
    const planned = new Map(files.map((file): [string, PlannedFile] => [file.id, file]))
    raiseMaxWorkers(this.#projects, specs)
    this.#run = this.#begin(planned, order.keepOrder ? 'given' : 'chains')
    const ordered = order.keepOrder ? files : orderFiles(files, this.#orderOptions())
    const mine = new Set(ours)
    return [...ordered.map(({ spec }) => spec), ...specs.filter((spec) => !mine.has(spec))]
  }

  async #planFiles(
    ours: readonly TestSpecification[],
  ): Promise<(PlannedFile & { spec: TestSpecification; id: string })[]> {
    const estimator = await this.#history.read()
    return Promise.all(
      ours.map(async (spec) => {
        const { project, moduleId } = spec
        const file = fromRoot(this.#vitest.config.root, moduleId)
        const { tags, size } = await readTestFile(moduleId)
        const known = { file, project: project.name, size }
        const plan: PlannedFile = {
          file,
          project: project.name,
          claims: this.#claimsOf(project, moduleId, tags),
          estimate: estimator.estimate(known),
          failedLast: estimator.failedLast(known),
        }
        return { spec, id: fileKey(plan), ...plan }
      }),
    )
  }

  #orderOptions(): OrderOptions {
    return {
      lanes: this.#lanes,
      instances: (resource) => this.#instances.get(resource)?.count ?? 1,
    }
  }

  #claimsOf(project: TestProject, path: string, tags: readonly string[]): readonly Claim[] {
    const file = fromRoot(this.#vitest.config.root, path)
    const known = new Set((project.config.tags ?? []).map(({ name }) => name))
    const claims = this.#options.claims.of(file, tags, known)
    const cap = this.#caps.get(project)
    return cap === undefined ? claims : [...claims, { resource: cap.resource, mode: 'exclusive' }]
  }

  // From the first run on there is something to take away.
  #takeExit(): () => void {
    const kill = (): void => this.#live.kill()
    process.on('exit', kill)
    const giveSignalsBack = handleSignals(this.#vitest, this.#output, () => this.#run?.interrupt())
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
    const facts = factsOf(this.#vitest, this.#runId, run.lanes)
    const record = run.finish(modules, facts, reason, this.#resources())
    this.#run = undefined
    this.#endWatch?.()
    const kept = await this.#keep(record)
    this.#output.lines(summary(record, kept))
  }

  /** Writes what a run leaves. A folder that cannot be written to fails no run. */
  async #keep(record: RunRecord): Promise<ReturnType<typeof whereToLook> | undefined> {
    try {
      await this.#history.update(record)
      const path = await this.#folder.writeRecord(JSON.stringify(record), record.startedAt)
      return whereToLook(path, await writeReports(record, path))
    } catch (error) {
      this.#output.warn(
        `The run record was not written: ${error instanceof Error ? error.message : String(error)}`,
      )
      return undefined
    }
  }

  #resources(): Record<string, ResourceRecord> {
    return Object.fromEntries(
      [...this.#options.resources].map(([name, { instances }]) => {
        const { source, count } = this.#instances.get(name)!
        return [
          name,
          { instances: count, perLane: instances === 'lanes', ...(source === undefined ? {} : { source }) },
        ]
      }),
    )
  }

  async #close(): Promise<void> {
    const patience = this.#vitest.config.teardownTimeout * SHARE_OF_TEARDOWN
    // Still there if it only collected tests (`vitest list`), for which no reporter is called.
    await this.#run?.settled(patience)
    await Promise.all([...this.#instances.values()].map((instances) => instances.stop(patience)))
    this.#endWatch?.()
    this.#giveBack?.()
  }

  async #checkGlobs(specs: readonly TestSpecification[]): Promise<void> {
    if (this.#checkedGlobs) return
    this.#checkedGlobs = true
    const { root } = this.#vitest.config
    const unmatched = this.#options.claims.unmatched(specs.map(({ moduleId }) => fromRoot(root, moduleId)))
    for (const glob of await globsWithoutFiles(root, unmatched))
      this.#output.warn(`\`files['${glob}']\` matches no file. Globs start at ${root}.`)
  }
}

/** Lines have a label of eight columns in front. */
function whereToLook(path: string, timeline: string | undefined): SummaryOptions {
  const { columns } = process.stdout
  return {
    path: fromRoot(process.cwd(), path),
    ...(timeline === undefined ? {} : { timeline: fromRoot(process.cwd(), timeline) }),
    ...(process.stdout.isTTY ? { columns: columns - 8 } : {}),
  }
}
