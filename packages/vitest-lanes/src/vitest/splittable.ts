// When a file must run whole, by Vitest's configuration and by what it was asked for. Seen on 4.1.12 and 5.1.1.
import type { RequestedFile, StartRequest } from './messages.ts'

type Config = StartRequest['context']['config']

/** What of the configuration has no type in one of the two versions. */
interface Untyped {
  readonly mode?: unknown
  readonly detectAsyncLeaks?: unknown
  readonly tagsFilter?: unknown
  readonly benchmark?: { readonly enabled?: unknown } | undefined
  readonly experimental?: {
    readonly openTelemetry?: { readonly enabled?: unknown } | undefined
    readonly traceTimeline?: unknown
  }
}

/** Why files of a project must run whole with this configuration; undefined where they need not. */
export function whyWholeProject(config: Config): string | undefined {
  const untyped = config as Untyped
  const reasons: readonly (readonly [unknown, string])[] = [
    [!config.isolate, '`isolate` is false'],
    [untyped.mode === 'benchmark' || untyped.benchmark?.enabled, 'it has benchmarks'],
    [config.bail, '`bail` is set'],
    [config.coverage.enabled, 'coverage is collected'],
    [config.sequence.shuffle, 'tests are shuffled'],
    [config.testNamePattern, 'tests are chosen by name'],
    [untyped.tagsFilter, 'tests are chosen by tag'],
    [config.snapshotOptions.updateSnapshot === 'all', 'snapshots are updated'],
    [config.runner, 'the project has a runner of its own'],
    [config.snapshotEnvironment, 'the project keeps snapshots in its own way'],
    [config.inspector.enabled, 'a debugger is attached'],
    [untyped.detectAsyncLeaks, '`detectAsyncLeaks` is on'],
    [
      untyped.experimental?.openTelemetry?.enabled ?? untyped.experimental?.traceTimeline,
      'traces are collected',
    ],
  ]
  return reasons.find(([holds]) => Boolean(holds))?.[1]
}

/** Why a file must run whole that was asked for like this. */
export function whyWholeFile(file: RequestedFile): string | undefined {
  const { testLocations, testNamePattern, testIds, testTagsFilter, testNames } = file as RequestedFile & {
    testTagsFilter?: unknown
    testNames?: unknown
  }
  const isChosen = [testLocations, testNamePattern, testIds, testTagsFilter, testNames].some(
    (filter) => filter !== undefined && !(Array.isArray(filter) && filter.length === 0),
  )
  return isChosen ? 'only some of its tests were asked for' : undefined
}
