import type { Job, Queue } from 'bullmq'
import type { Bullmq } from './types.ts'

/** Where a queue keeps whose it is: matchers are given a job or a queue, and nothing else. */
const OWNER = Symbol.for('vitest-lanes.bullmq')

export function markQueue(queue: Queue, owner: Bullmq): Queue {
  return Object.defineProperty(queue, OWNER, { value: owner, configurable: true })
}

/** The fixture that made or adopted the queue of a job, or the queue itself. */
export function ownerOf(one: Job | Queue): Bullmq | undefined {
  const { queue, [OWNER]: own } = Object(one)
  return own ?? Object(queue)[OWNER]
}
