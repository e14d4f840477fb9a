import { Gate } from '@vitest-lanes/core'
import type { GateOptions, RunRecord } from '@vitest-lanes/core'
import type { Resource } from '../options.ts'
import type { InstanceWatch } from './instance-watch.ts'
import type { PlannedFile } from './run.ts'

/**
 * How the next run is to go, told by a command that runs the same suite again and again. Such a run keeps no record and
 * no durations in the project's folder, says nothing, and leaves signals to the command.
 */
export interface Directive extends Pick<GateOptions, 'order' | 'after' | 'lane' | 'wait'> {
  /** How many lanes; as the configuration says where left out. */
  readonly lanes?: number
  /** Variables of each worker, on top of its own and of its lease. */
  readonly env?: Readonly<Record<string, string>>
  /** Has instances watched. */
  readonly watch?: InstanceWatch
  /** The run is planned and has not begun. `interrupt` ends its workers at once. */
  begun?(interrupt: () => void): void
}

/** A directive, and who waits for the record of the run that obeys it. */
export interface Directed {
  readonly directive: Directive
  readonly recorded: (record: RunRecord) => void
}

/** The files in an order that somebody asks for; those that it does not name go last. */
export function asAsked<T extends { readonly id: string }>(
  files: readonly T[],
  order: readonly string[] | undefined,
): readonly T[] {
  if (order === undefined) return files
  const rank = new Map(order.map((id, index) => [id, index]))
  const last = order.length
  return files.toSorted((a, b) => (rank.get(a.id) ?? last) - (rank.get(b.id) ?? last))
}

/** What holds the files of a directed run back; undefined where nothing does. */
export function gateOf(
  directive: Directive | undefined,
  run: Pick<GateOptions, 'files' | 'lanes'>,
): Gate | undefined {
  const { order, after, lane, wait } = directive ?? {}
  return after === undefined && lane === undefined
    ? undefined
    : new Gate({ ...run, order, after, lane, wait })
}

/** The files with what they claim where their instances are watched. */
export function asWatched<T extends PlannedFile>(
  files: readonly T[],
  watch: InstanceWatch | undefined,
  resources: Iterable<Resource>,
): readonly T[] {
  if (watch === undefined) return files
  const provided = [...resources].filter(({ provider }) => provider !== undefined).map(({ name }) => name)
  return files.map((file) => ({ ...file, claims: watch.claims(file.claims, provided) }))
}
