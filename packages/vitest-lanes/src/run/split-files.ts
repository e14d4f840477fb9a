import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { partsOf, planSplits } from '@vitest-lanes/core'
import type { Instances, SplitHistory, SplitPlan, Splittable } from '@vitest-lanes/core'
import picomatch from 'picomatch'
import type { TestProject, TestSpecification } from 'vitest/node'
import type { PlannedSpec } from '../files/planner.ts'
import type { ResolvedOptions } from '../options.ts'
import { whyWholeFile, whyWholeProject } from '../vitest/splittable.ts'
import type { SplitFile } from './splits.ts'

/** A shorter file has nothing to gain that its processes would not cost; in ms. */
const WORTH_MS = 1_000
/** A shorter one would hardly bound the run; each is a plan of its own. */
const MOST_TRIED = 5

export interface SplitContext {
  readonly options: Pick<ResolvedOptions, 'split' | 'leaks' | 'undeclared'>
  /** Files that were found to be unsafe are tried again. */
  readonly retry: boolean
  readonly lanes: number
  readonly resources: Readonly<Record<string, { readonly instances: Instances }>>
}

export interface SplitFiles {
  /** Files that run in parts, or of which it is learned how they could; by id. */
  readonly files: ReadonlyMap<string, SplitFile>
  /** Undefined where no file may be split. */
  readonly plan: SplitPlan | undefined
  /** Why each file runs whole whatever is known of it; undefined for those that need not. */
  readonly whole: ReadonlyMap<string, string | undefined>
}

const NONE: SplitFiles = { files: new Map(), plan: undefined, whole: new Map() }

/** Decides which files run in parts, and which tests are in which. */
export async function splitFiles(
  planned: readonly PlannedSpec[],
  context: SplitContext,
): Promise<SplitFiles> {
  const { options, lanes, resources, retry } = context
  const { split, leaks, undeclared } = options
  // Those policies fail a file for what it leaves as a whole.
  if (split.globs.length === 0 || leaks === 'fail' || undeclared === 'fail') return NONE
  const matches = picomatch([...split.globs], { dot: true })
  const whyWhole = projectReasons()
  const whole = new Map(
    planned
      .filter(({ file, estimate }) => matches(file) && (!split.onlySafe || estimate >= WORTH_MS))
      .map(({ id, spec, whole: why }): [string, string | undefined] => [
        id,
        why ?? whyWhole(spec.project) ?? whyWholeFile(asRequested(spec)),
      ]),
  )
  const mine = planned.filter(({ id }) => whole.has(id) && whole.get(id) === undefined)
  const usable = await Promise.all(mine.map((file) => usableOf(file, retry)))
  const known = new Map(usable.flatMap((each) => (each === undefined ? [] : [each])))
  const workload = {
    resources,
    files: planned.map(({ id, claims, estimate }) => ({ id, claims, duration: estimate })),
  }
  const planOf = (files: readonly PlannedSpec[]): SplitPlan =>
    planSplits(workload, new Map(files.flatMap((file) => splittable(file, known.get(file.id)))), {
      lanes,
      cores: availableParallelism(),
      ...(split.parts === undefined ? {} : { parts: Math.min(split.parts, lanes) }),
    })
  const plan = split.onlySafe ? planProving(mine, known, planOf) : planOf(mine)
  return {
    plan,
    whole,
    files: new Map(mine.map((file) => [file.id, toSplitFile(file, known.get(file.id), plan)])),
  }
}

function toSplitFile(file: PlannedSpec, known: SplitHistory | undefined, { cuts }: SplitPlan): SplitFile {
  const cut = cuts.get(file.id)
  return {
    known: file.split,
    content: file.content ?? '',
    snapshots: () => snapshotsOf(file),
    parts: cut === undefined || known === undefined ? undefined : partsOf(known.tests, cut),
  }
}

/** What is known of the file, where all of it still holds. */
async function usableOf(
  file: PlannedSpec,
  retry: boolean,
): Promise<readonly [id: string, known: SplitHistory] | undefined> {
  const { id, split, content, failedLast } = file
  if (split === undefined || split.content !== content || failedLast) return undefined
  if (split.unsafe !== undefined && !retry) return undefined
  if (split.tests.length < 2) return undefined
  return split.snapshots === (await snapshotsOf(file)) ? [id, split] : undefined
}

/**
 * With files that were seen to be safe, and one more: the longest that the plan would cut, which shows in this run whether it
 * is. If it is not, the run takes longer by what its parts take, once.
 */
function planProving(
  files: readonly PlannedSpec[],
  known: ReadonlyMap<string, SplitHistory>,
  planOf: (files: readonly PlannedSpec[]) => SplitPlan,
): SplitPlan {
  const isSafe = ({ id }: PlannedSpec): boolean => known.get(id)?.safe === true
  const safe = files.filter(isSafe)
  const unproven = files.filter((file) => known.has(file.id) && !isSafe(file))
  for (const file of unproven.toSorted((a, b) => b.estimate - a.estimate).slice(0, MOST_TRIED)) {
    const plan = planOf([...safe, file])
    if (plan.cuts.has(file.id)) return plan
  }
  return planOf(safe)
}

/** Hash of the file's snapshots; empty where there are none. What cannot be read is another each time. */
async function snapshotsOf({ spec: { project, moduleId } }: PlannedSpec): Promise<string> {
  let text: string | undefined
  try {
    const path = project.vitest.snapshot.resolvePath(moduleId, { config: project.serializedConfig })
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (Object(error).code !== 'ENOENT') return `unreadable at ${Date.now()}`
  }
  return text === undefined ? '' : createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** Tests that run at once take less than their sum. */
function splittable(
  { id, estimate }: PlannedSpec,
  known: SplitHistory | undefined,
): readonly (readonly [string, Splittable])[] {
  if (known === undefined) return []
  const { overhead, cpu } = known
  const took = known.tests.reduce((sum, [, , ms]) => sum + ms, 0)
  const scale = took > 0 ? Math.min(1, Math.max(0, estimate - overhead) / took) : 1
  const tests = known.tests.map(([, , ms]) => ms * scale)
  return [[id, { tests, overhead, ...(cpu === undefined ? {} : { cpu }) }]]
}

function projectReasons(): (project: TestProject) => string | undefined {
  const known = new Map<TestProject, string | undefined>()
  return (project) => {
    if (!known.has(project)) known.set(project, whyWholeProject(project.serializedConfig))
    return known.get(project)
  }
}

function asRequested({
  moduleId,
  testLines,
  testNamePattern,
  testIds,
  testTagsFilter,
  ...rest
}: TestSpecification): Parameters<typeof whyWholeFile>[0] {
  const { testNames } = rest as { testNames?: unknown }
  return Object.assign(
    { filepath: moduleId, testLocations: testLines, testNamePattern, testIds },
    { testTagsFilter, testNames },
  )
}
