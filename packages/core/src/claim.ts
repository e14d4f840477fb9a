/** How a file holds a resource: alone with its instance, or beside other files that share it. */
export type Mode = 'exclusive' | 'shared'

/** What a file needs of one resource. */
export interface Claim {
  readonly resource: string
  readonly mode: Mode
}

/** How many copies of a resource there are: a fixed number, or one per lane. */
export type Instances = number | 'lanes'

/** One instance; the files that claim it run one at a time, beside the others. */
export const SEQUENTIAL = 'sequential'

/** A file that claims it runs with nothing else on the machine. */
export const ALONE = 'alone'

/** How a claim is written: `redis`, `redis/shared`, `redis/exclusive`. */
export type ClaimText<Name extends string = string> = Name | `${Name}/shared` | `${Name}/exclusive`
