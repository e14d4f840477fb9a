import { fileKey } from '@vitest-lanes/core'
import type { Claim, FailedTest, FileOutcome, FileRecord, Finding, RunRecord } from '@vitest-lanes/core'
import { createNeighbours } from './beside.ts'
import type { Neighbour } from './beside.ts'
import { chainOf } from './chain.ts'
import type { Link } from './chain.ts'
import { cpuBound, gainsOf } from './changes.ts'
import type { Gain, Setting } from './changes.ts'
import { figuresOf } from './figures.ts'
import type { Figures } from './figures.ts'
import { resourcesOf } from './resources.ts'
import type { ResourceUse } from './resources.ts'
import { durationOf, filesThatRan, phasesOf } from './times.ts'
import type { Phases } from './times.ts'
import { contentionOf, delaysOf, workloadOf } from './workload.ts'
import { instancesOf } from './instances.ts'

/** Raised when a reader of an older analysis would misread a new one. */
export const ANALYSIS_VERSION = 1

export interface FileAnalysis {
  /** As `fileKey`. */
  readonly file: string
  readonly outcome: FileOutcome
  readonly claims: readonly Claim[]
  readonly lane?: number
  readonly instances?: Readonly<Record<string, number>>
  /** ms. */
  readonly duration: number
  readonly phases: Phases
  readonly cpu?: number
  /** How long no core was free for it. */
  readonly stalled?: number
  readonly waitedFor?: string
}

/** All that reports show of a run: what `--format json` writes. Times in ms. */
export interface Analysis {
  readonly version: typeof ANALYSIS_VERSION
  readonly run: string
  readonly startedAt: string
  readonly outcome: RunRecord['outcome']
  readonly figures: Figures
  /** What would shorten the run, by simulation, the best first. */
  readonly gains: readonly Gain[]
  /** What the CPU that the files used takes on all cores, where it is known of all of them. */
  readonly cpuBound?: number
  /** The files that follow one another up to the end of the run. */
  readonly chain: readonly Link[]
  readonly resources: readonly ResourceUse[]
  /** The longest first. */
  readonly files: readonly FileAnalysis[]
  /** Failed files, with what ran beside each. */
  readonly failures: readonly {
    /** As `fileKey`. */
    readonly file: string
    readonly lane: number
    readonly instances: Readonly<Record<string, number>>
    readonly error?: string
    readonly beside: readonly Neighbour[]
    /** Tests that failed, with what ran beside each while it ran. */
    readonly tests: readonly (FailedTest & { readonly beside: readonly Neighbour[] })[]
  }[]
  readonly findings: readonly Finding[]
}

export interface AnalyseOptions {
  /** False leaves out what would shorten the run, which for thousands of files takes longest. Default true. */
  readonly simulate?: boolean
  /** How many files to list. Default: all. */
  readonly mostFiles?: number
}

/** Works out all that reports show. */
export function analyse(
  record: RunRecord,
  { simulate = true, mostFiles = record.files.length }: AnalyseOptions = {},
): Analysis {
  const workload = workloadOf(record)
  const setting = settingOf(record, workload)
  const cpu = cpuBound(setting)
  const { run, startedAt, outcome, findings } = record
  return {
    version: ANALYSIS_VERSION,
    run,
    startedAt,
    outcome,
    figures: figuresOf(record, workload),
    gains: simulate ? gainsOf(setting, delaysOf(record)) : [],
    ...(cpu > 0 ? { cpuBound: cpu } : {}),
    chain: chainOf(record),
    resources: resourcesOf(record),
    files: longest(record.files).slice(0, mostFiles).map(fileAnalysis),
    failures: failuresOf(record),
    findings,
  }
}

function settingOf(record: RunRecord, workload: Setting['workload']): Setting {
  return { workload, lanes: record.lanes, cores: record.cores, contention: contentionOf(record) }
}

function fileAnalysis(file: FileRecord): FileAnalysis {
  const { outcome, claims, lane, instances, cpu, stalled, waitedFor } = file
  return {
    file: fileKey(file),
    outcome,
    claims,
    ...(lane === undefined ? {} : { lane }),
    ...(instances === undefined ? {} : { instances }),
    duration: durationOf(file),
    phases: phasesOf(file),
    ...(cpu === undefined ? {} : { cpu }),
    ...(stalled === undefined ? {} : { stalled }),
    ...(waitedFor === undefined ? {} : { waitedFor }),
  }
}

function longest(files: readonly FileRecord[]): FileRecord[] {
  return files.toSorted((a, b) => durationOf(b) - durationOf(a) || (fileKey(a) < fileKey(b) ? -1 : 1))
}

function failuresOf(record: RunRecord): Analysis['failures'] {
  const failed = filesThatRan(record.files).filter(({ outcome }) => outcome === 'failed')
  if (failed.length === 0) return []
  const beside = createNeighbours(record)
  return failed.map((file) => ({
    file: fileKey(file),
    lane: file.lane ?? 0,
    instances: instancesOf(file),
    ...(file.error === undefined ? {} : { error: file.error }),
    beside: file.times.ready === undefined ? [] : beside(file),
    tests: (file.failedTests ?? []).map((test) => ({ ...test, beside: beside(file, test) })),
  }))
}
