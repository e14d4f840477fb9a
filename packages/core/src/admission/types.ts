import type { Claim, Instances, Mode } from '../claim.ts'

/** A file that wants to run. */
export interface FileRequest {
  /** Unique among the files that wait or run. */
  readonly id: string
  readonly claims: readonly Claim[]
  /** How long it will take, in ms. */
  readonly estimate: number
  /** It failed last time: it goes first. */
  readonly failedLast?: boolean
}

/** All that a file claims, granted at once. */
export interface Lease {
  readonly id: string
  readonly lane: number
  /**
   * Resource to the number of the instance, from 1. `alone` is in every lease: a file shares it with all others
   * unless it claims it. Each entry is given back by one `cleaned` event.
   */
  readonly instances: Readonly<Record<string, number>>
  readonly modes: Readonly<Record<string, Mode>>
}

/** What happened. Events about a file that is not, or no longer, known are ignored: events cross. */
export type AdmissionEvent =
  | { readonly type: 'enqueue'; readonly files: readonly FileRequest[] }
  /** A waiting file will not run. Ignored if it has its lease already. */
  | { readonly type: 'withdraw'; readonly id: string }
  /** The lane is free; the instances are not yet. */
  | { readonly type: 'finished'; readonly id: string }
  /** The file's process has exited, and its hold of that resource's instance is over: clean, or still in use by others. */
  | { readonly type: 'cleaned'; readonly id: string; readonly resource: string }
  /** More or fewer lanes. Running files keep theirs. */
  | { readonly type: 'lanes'; readonly count: number }
  /** A provider has room for so many instances. With 0, what claims the resource waits until it is withdrawn. */
  | { readonly type: 'instances'; readonly resource: string; readonly count: number }

export interface AdmissionOptions {
  /** How many files run at once. */
  readonly lanes: number
  /** Besides the built-in `sequential` and `alone`. */
  readonly resources: Readonly<Record<string, { readonly instances: Instances }>>
  /** `given`: in the order of arrival, as far as claims allow, in place of our own. Default `chains`. */
  readonly order?: 'chains' | 'given'
  /** How many grants a wave lasts at least: see docs/design/admission.md. Default 64. */
  readonly patience?: number
}
