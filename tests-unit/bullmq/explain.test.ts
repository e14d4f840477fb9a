import { describe, expect, test } from 'vitest'
import type { JobFacts, QueueFacts } from '../../packages/bullmq/dist/explain/facts.js'
import { explainJob, explainQueue } from '../../packages/bullmq/dist/explain/text.js'

const idle: QueueFacts = {
  queue: 'mails',
  counts: {},
  isPaused: false,
  rateLimited: 0,
  workers: { here: [], elsewhere: [], errors: [] },
  running: [],
}
const attached = { here: ['pid-1-1'], elsewhere: [], errors: [] }
const job: JobFacts = {
  id: '2',
  name: 'welcome',
  state: 'waiting',
  attemptsMade: 0,
  attempts: 3,
  logs: { count: 0 },
}
const wanted = { what: 'has not settled', waited: 5_000 }

const firstLine = (more: Partial<JobFacts>, queue: Partial<QueueFacts> = {}): string =>
  explainJob(wanted, { ...job, ...more }, { ...idle, ...queue }).message.split('\n', 1)[0] ?? ''

describe('the sentence about a job that did not get there names the cause', () => {
  const before = 'Job 2 (welcome) of queue mails has not settled after 5 s: '

  test.each<[string, Partial<JobFacts>, Partial<QueueFacts>, string]>([
    ['no worker', {}, {}, 'it still waits: no worker is attached to mails.'],
    ['a paused queue', {}, { isPaused: true, workers: attached }, 'it still waits: mails is paused.'],
    [
      'a rate limit',
      {},
      { rateLimited: 350, workers: attached },
      'it still waits: mails is rate-limited for another 350 ms.',
    ],
    [
      'other jobs',
      {},
      { workers: attached, running: [{ id: '1', name: 'digest', ms: 900 }] },
      'it still waits behind 1 running job.',
    ],
    [
      'a worker that takes nothing',
      {},
      { workers: attached },
      'it still waits, though 1 worker is attached.',
    ],
    [
      'a processor that does not return',
      { state: 'active', runningFor: 4_900 },
      { workers: attached },
      'it is still active: its processor has run for 4.9 s in this process and has not returned.',
    ],
    [
      'a processor in another process',
      { state: 'active', runningFor: 4_900 },
      { workers: { here: [], elsewhere: ['process 4711'], errors: [] } },
      'it is still active: its processor has run for 4.9 s in process 4711 and has not returned.',
    ],
    ['a worker that is gone', { state: 'active' }, {}, 'it is active, and the worker that took it is gone.'],
    ['a delay', { state: 'delayed', delayLeft: 59_900 }, {}, 'it is delayed for another 59.9 s.'],
    [
      'a backoff',
      { state: 'delayed', delayLeft: 800, attemptsMade: 1, failedReason: 'no mailbox' },
      {},
      'it is delayed for another 800 ms, after attempt 1 of 3 failed: no mailbox.',
    ],
    [
      'a delay that is over',
      { state: 'delayed', delayLeft: -200 },
      {},
      'its delay is over and nobody has taken it: no worker is attached to mails.',
    ],
    ['children', { state: 'waiting-children', children: 2 }, {}, 'it waits for 2 children to end.'],
  ])('%s', (_, facts, queue, cause) => {
    expect(firstLine(facts, queue)).toBe(before + cause)
  })

  test.each<[string, Partial<JobFacts>, string]>([
    [
      'an id of another prefix or server',
      { counter: 1 },
      'mails has never had it: its counter stands at 1, so the id comes from another prefix, queue or server.',
    ],
    [
      'a queue that was obliterated',
      { counter: 7 },
      'mails has given that id, and the job and its events are gone: the queue was obliterated or flushed.',
    ],
    [
      'a job that was taken away',
      { lastEvent: 'active', counter: 7 },
      'it was in mails (last seen: active) and somebody has taken it away.',
    ],
    [
      'a job that was removed when it had ended',
      { lastEvent: 'completed' },
      'it has completed and was removed at once (removeOnComplete, removeOnFail).',
    ],
    ['an id that nobody has given', { id: 'order-1' }, 'mails has never had a job of that id.'],
  ])('%s', (_, facts, cause) => {
    const { message } = explainJob(wanted, { ...job, state: 'unknown', ...facts }, idle)

    expect(message.split('\n', 1)[0]).toContain(`after 5 s: ${cause}`)
  })
})

test('below it stands what a person would look for', () => {
  const { message } = explainJob(
    wanted,
    {
      ...job,
      state: 'active',
      attemptsMade: 1,
      failedReason: 'no mailbox',
      progress: '40',
      logs: { count: 2, last: 'sending' },
    },
    {
      ...idle,
      isPaused: true,
      rateLimited: 350,
      workers: { here: ['pid-1-1'], elsewhere: ['127.0.0.1:5123'], errors: ['Missing lock'] },
      running: [
        { id: '2', name: 'welcome', ms: 10 },
        { id: '3', name: 'digest', ms: 2_000 },
      ],
    },
  )

  expect(message.split('\n').slice(1)).toEqual([
    '    state     active',
    '    attempts  1 of 3 have ended',
    '    failed    no mailbox',
    '    progress  40',
    '    logs      2, the last: sending',
    '    queue     paused, rate-limited for 350 ms',
    `    workers   1 in this process (${process.pid}); 1 elsewhere: 127.0.0.1:5123`,
    '    running   3 (digest) for 2 s',
    '    errors    Missing lock',
  ])
})

test('a queue that is not drained tells its jobs and what holds them up', () => {
  const { message } = explainQueue(
    { what: 'is not drained', waited: 1_000 },
    { ...idle, counts: { waiting: 2, completed: 5 } },
  )

  expect(message).toBe(
    'Queue mails is not drained after 1 s: one job still waits: no worker is attached to mails.\n' +
      '    jobs      2 waiting, 5 completed\n    workers   none',
  )
})
