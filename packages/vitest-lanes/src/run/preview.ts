import type { Instances, Provider, RunRecord, SplitPlan } from '@vitest-lanes/core'
import type { TestSpecification, Vitest } from 'vitest/node'
import type { Planner } from '../files/planner.ts'
import type { Projects } from '../files/projects.ts'
import type { LaneCount } from '../lanes.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Directive } from './directive.ts'
import type { PlannedFile } from './run.ts'
import { splitFiles } from './split-files.ts'

/** What a run would be given: lanes, resources and files with their claims. */
export interface Preview {
  readonly lanes: number
  readonly resources: Readonly<Record<string, { readonly instances: Instances }>>
  readonly providers: readonly { readonly resource: string; readonly provider: Provider }[]
  readonly files: readonly PlannedFile[]
  /** How many files run outside of lanes. */
  readonly others: number
  /** What is wrong with the globs of `files`, a sentence each. Another copy of this package may not say. */
  readonly globFaults?: readonly string[]
  /** Undefined where no file would run in parts. */
  readonly split: SplitPreview | undefined
}

/** What it brings to run files in parts; ms, by simulation. */
export interface SplitPreview {
  /** How many parts, by `fileKey`. */
  readonly parts: Readonly<Record<string, number>>
  readonly predicted: number
  /** With every file whole. */
  readonly whole: number
}

/**
 * What the plugin tells a command that has made a Vitest of the user's configuration. It hangs on the plugin, since the
 * configuration may load another copy of this package than the command is in.
 */
export interface LanesApi {
  /** Undefined where the configuration gives the plugin neither resources nor files. */
  preview(vitest: Vitest, specs: readonly TestSpecification[]): Promise<Preview> | undefined
  /** Directs the next run of this Vitest. Resolves when that may begin. */
  direct(vitest: Vitest, directive: Directive): Promise<DirectedRun> | undefined
  /** From now on all files that can are run in parts, whatever the options say. */
  splitAll(vitest: Vitest): SplitTrial | undefined
}

/** What becomes of files that are run in parts to see whether they can. */
export interface SplitTrial {
  /** Files of the last run, with the reason why they were to run whole whatever else. Keys are `fileKey`s. */
  files(): ReadonlyMap<string, string | undefined>
}

/** A run that is directed. */
export interface DirectedRun {
  /** Its record once it is over; undefined if it never began. */
  readonly record: () => RunRecord | undefined
}

/** What the plugin would give these files. */
export async function previewRun(
  specs: readonly TestSpecification[],
  { options, lanes, projects, planner }: PreviewContext,
): Promise<Preview> {
  const ours = projects.ours(specs)
  const files = await planner.plan(ours)
  const resources = projects.declared()
  const { plan } = await splitFiles(files, { options, lanes: lanes.start, resources, retry: false })
  return {
    lanes: lanes.start,
    resources,
    providers: [...options.resources.values()].flatMap(({ name, provider }) =>
      provider === undefined ? [] : [{ resource: name, provider }],
    ),
    files,
    others: specs.length - ours.length,
    globFaults: await planner.globFaults(ours),
    split: plan === undefined || plan.cuts.size === 0 ? undefined : splitPreview(plan),
  }
}

function splitPreview({ cuts, wall, whole }: SplitPlan): SplitPreview {
  const parts = Object.fromEntries([...cuts].map(([id, cut]) => [id, cut.length]))
  return { parts, predicted: wall, whole }
}

interface PreviewContext {
  readonly options: ResolvedOptions
  readonly lanes: LaneCount
  readonly projects: Projects
  readonly planner: Planner
}
