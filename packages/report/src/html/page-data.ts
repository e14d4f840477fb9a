import { fileKey, runsOf } from '@vitest-lanes/core'
import type { FileRecord, FileTimes, RunRecord } from '@vitest-lanes/core'
import type { Analysis } from '../analysis/analyse.ts'
import { claimsText, findingText } from '../text/describe.ts'
import type { PageData, PageFile, PageResource } from './client/index.ts'

const TIMES = [
  'queued',
  'admitted',
  'ready',
  'started',
  'collected',
  'finished',
  'exited',
  'cleaned',
] as const satisfies readonly (keyof FileTimes)[]

/** Of one file: a thousand that fail for one reason say no more. */
const MOST_TESTS = 20

/** Names by their place, each once. */
interface Names {
  readonly all: string[]
  place(name: string): number
}

/** What the page needs of a record. @param base what comes before a file's path in links */
export function pageData(
  record: RunRecord,
  { chain, resources: uses }: Pick<Analysis, 'chain' | 'resources'>,
  base: string,
): PageData {
  const projects = names()
  const outcomes = names()
  const claims = names()
  const causes = names()
  const resources = names(uses.map(({ name }) => name))
  // A finding names a file by its path alone.
  // A part of a file is shown as a file.
  const runs = record.files.flatMap(runsOf)
  const places = new Map(runs.map((file, index) => [fileKey(file), index]))
  const paths = new Map<string, number>()
  for (const file of record.files) paths.set(file.file, places.get(fileKey(runsOf(file).at(-1)!)) ?? -1)

  function packed(file: FileRecord): PageFile {
    const { times, tests, instances = {}, waitedFor, error, estimate, cpu, stalled, failedTests } = file
    const fields = [
      file.file,
      projects.place(file.project),
      outcomes.place(file.outcome),
      claims.place(claimsText(file.claims)),
      file.lane ?? -1,
      TIMES.map((time) => Math.round(times[time] ?? -1)),
      Object.entries(instances).flatMap(([name, number]) => [resources.place(name), number]),
      waitedFor === undefined ? -1 : causes.place(waitedFor),
      [tests.passed, tests.failed, tests.skipped + tests.todo],
      Math.round(estimate ?? -1),
      Math.round(cpu ?? -1),
      Math.round(stalled ?? -1),
    ] as const
    if (failedTests === undefined) return error === undefined ? fields : [...fields, error]
    const failed = failedTests
      .slice(0, MOST_TESTS)
      .map(({ name, from, to }) => [name, Math.round(from), Math.round(to)] as const)
    return [...fields, error ?? '', failed]
  }

  const files = runs.map(packed)
  const data: PageData = {
    duration: Math.round(record.duration),
    lanes: record.lanes,
    projects: projects.all,
    outcomes: outcomes.all,
    claims: claims.all,
    causes: causes.all,
    resources: resources.all.map((name): PageResource => {
      const use = uses.find((each) => each.name === name)
      return {
        name,
        instances: use?.instances ?? 1,
        perLane: use?.perLane ?? false,
        used: use?.used ?? 0,
        source: use?.source ?? '',
        files: use?.files ?? 0,
        busy: Math.round(1000 * (use?.busy ?? 0)) / 1000,
        waitingFiles: use?.waiting.files ?? 0,
        waitingMs: Math.round(use?.waiting.ms ?? 0),
      }
    }),
    files,
    chain: chain.map(({ file }) => places.get(file) ?? -1),
    findings: record.findings.map(({ kind, message, file, resource, test, place }) => ({
      kind,
      message: findingText({
        kind,
        message,
        // What is no file of the run has no column of its own.
        ...(file === undefined || paths.has(file) ? {} : { file }),
        ...(test === undefined ? {} : { test }),
        ...(place === undefined ? {} : { place }),
      }),
      file: file === undefined ? -1 : (paths.get(file) ?? -1),
      resource: resource ?? '',
    })),
    base,
  }
  return data
}

function names(known: readonly string[] = []): Names {
  const all = [...known]
  const places = new Map(all.map((name, index) => [name, index]))
  return {
    all,
    place(name) {
      const place = places.get(name) ?? all.length
      if (place === all.length) {
        all.push(name)
        places.set(name, place)
      }
      return place
    },
  }
}
