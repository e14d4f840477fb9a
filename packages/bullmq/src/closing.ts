import { EventEmitter } from 'node:events'
import { LATE, within } from './within.ts'

/** Queues, workers, queue events, producers of flows, of BullMQ or of the same shape. */
export interface Closable {
  close(force?: boolean): Promise<unknown>
}

/** In which order they are closed: who takes jobs first, who adds them last. */
export type Kind = 'worker' | 'events' | 'flow' | 'queue'
const ORDER: readonly Kind[] = ['worker', 'events', 'flow', 'queue']

/** One object that is closed at the end of the test. */
export interface Opened {
  readonly kind: Kind
  readonly object: Closable
  /** Resolves when it has nothing under way; where it cannot be told, left out. */
  readonly idle?: () => Promise<unknown>
}

/** Milliseconds for what should take none: BullMQ's `close` never resolves when its server is gone. */
const PATIENCE = 2_000

/**
 * Closes all of them, in the right order.
 * @param grace milliseconds for jobs that still run; with 0, they are left behind
 */
export async function closeAll(opened: readonly Opened[], grace: number): Promise<void> {
  for (const kind of ORDER) {
    const some = opened.filter((each) => each.kind === kind)
    await Promise.all(some.map((each) => (kind === 'worker' ? closeWorker(each, grace) : close(each.object))))
  }
}

async function closeWorker({ object, idle }: Opened, grace: number): Promise<void> {
  const worker: { pause?: (now: boolean) => Promise<void>; cancelAllJobs?: (reason: string) => void } =
    Object(object)
  if (idle !== undefined) {
    // BullMQ: `close(true)` after `close()` has no effect (seen on 5.81). So it is decided before which one it is.
    await within(PATIENCE, worker.pause?.(true) ?? Promise.resolve()).catch(() => undefined)
    if ((await within(grace, idle())) !== LATE) return close(object)
    worker.cancelAllJobs?.('the test has ended')
    return close(object, true)
  }
  return close(object, grace === 0, PATIENCE + grace)
}

/** One that is closed already, or whose server is gone, ends nothing else. */
async function close(object: Closable, force = false, patience = PATIENCE): Promise<void> {
  // What it loses from here on is of no interest, and BullMQ prints errors that nobody listens to.
  if (object instanceof EventEmitter) object.on('error', () => undefined)
  await within(patience, force ? object.close(true) : object.close()).catch(() => undefined)
}
