import { shuffle } from '@vitest-lanes/core'
import type { Finding, Footprint } from '@vitest-lanes/core'
import type { TrialResult, Trials } from '../../trial/types.ts'
import { claimsByFile } from './audit-record.ts'
import type { Certificate } from './audit-record.ts'

export interface CertifyOptions {
  readonly trials: Trials
  /** `fileKey`s. */
  readonly files: readonly string[]
  /** How often. */
  readonly runs: number
  /** Of the runs; each has another. */
  readonly seed: number
  /** A run is about to begin; so many failures there were before it. */
  readonly begun: (run: number, failures: number) => void
}

/** In what order and with what a directory failed. */
interface Failure {
  readonly run: number
  readonly text: string
}

const MOST_FAILURES = 20

/**
 * Runs files in parallel as often as asked, each time in another order. A test that fails, a leak and an undeclared use
 * fail it. Undefined where it was interrupted.
 */
export async function certify(options: CertifyOptions): Promise<Certificate | undefined> {
  const { trials, files, runs, seed, begun } = options
  const failures: Failure[] = []
  let lanes = 0
  let claims: Certificate['files'] = {}
  for (let run = 1; run <= runs; run++) {
    begun(run, failures.length)
    const order = shuffle(files, seed + run)
    const result = await trials.run({ seed: seed + run, order, shuffleTests: true })
    if (result.record.outcome === 'interrupted') return undefined
    failures.push(...failuresOf(result).map((text) => ({ run, text })))
    lanes = Math.max(lanes, result.record.lanes)
    claims = claimsByFile(result.record.files.map(withoutOurs))
  }
  return {
    outcome: failures.length === 0 ? 'passed' : 'failed',
    runs,
    lanes,
    files: claims,
    ...(failures.length > 0 && { failures: textsOf(failures) }),
  }
}

function failuresOf({ record, tests, unhandled }: TrialResult): string[] {
  const failed = tests.filter(({ state }) => state === 'failed')
  return [
    ...failed.map(({ file, name, messages }) => `${file} > ${name}: ${firstLine(messages[0] ?? 'failed')}`),
    ...unhandled.map(firstLine),
    ...record.findings.filter(fails).map(({ file = '', message }) => `${file}: ${firstLine(message)}`),
  ]
}

/** All that tells of what a file leaves or uses unasked; a worker that waited long is no fault. */
function fails({ file }: Finding): boolean {
  return file !== undefined
}

/** Each once, with how often it came. */
function textsOf(failures: readonly Failure[]): string[] {
  const counts = new Map<string, number>()
  for (const { text } of failures) counts.set(text, (counts.get(text) ?? 0) + 1)
  const all = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([text, count]) => `${count} × ${text}`)
  return all.length <= MOST_FAILURES
    ? all
    : [...all.slice(0, MOST_FAILURES), `and ${all.length - MOST_FAILURES} more`]
}

/** Without what the plugin itself adds. */
function withoutOurs<T extends Pick<Footprint, 'claims'>>(file: T): T {
  return { ...file, claims: file.claims.filter(({ resource }) => !resource.includes(' ')) }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!
}
