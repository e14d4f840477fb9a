import { EventEmitter, once } from 'node:events'
import type { OpenInstance } from '@vitest-lanes/core'
import {
  FlowProducer,
  Queue,
  QueueEvents,
  Worker,
  type Job,
  type Processor,
  type WorkerOptions,
} from 'bullmq'
import { expect, test } from 'vitest'
import { connect, describeEngines, startRedis } from './engines.ts'

interface Closable {
  close(): Promise<unknown>
}

/** Queues and workers of one test, which are closed at its end, workers first. */
class Board {
  readonly #opened: Closable[] = []
  readonly connection: { host: string; port: number; password: string; maxRetriesPerRequest: null }

  constructor({ env }: OpenInstance) {
    this.connection = {
      host: env['REDIS_HOST'] ?? '',
      port: Number(env['REDIS_PORT']),
      password: env['REDIS_PASSWORD'] ?? '',
      maxRetriesPerRequest: null,
    }
  }

  queue(name: string): Queue {
    return this.keep(new Queue(name, { connection: this.connection }))
  }

  worker(name: string, work: Processor, options: Partial<WorkerOptions> = {}): Worker {
    return this.keep(new Worker(name, work, { connection: this.connection, ...options }))
  }

  async events(name: string): Promise<QueueEvents> {
    const events = this.keep(new QueueEvents(name, { connection: this.connection }))
    await events.waitUntilReady()
    return events
  }

  flows(): FlowProducer {
    return this.keep(new FlowProducer({ connection: this.connection }))
  }

  keep<T extends Closable>(closable: T): T {
    this.#opened.unshift(closable)
    return closable
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#opened) await each.close()
  }
}

/** Resolves with the jobs that the worker has completed, as soon as there are so many. */
function completed(worker: Worker, count: number): Promise<Job[]> {
  const jobs: Job[] = []
  return new Promise((resolve) => {
    worker.on('completed', (job) => {
      if (jobs.push(job) === count) resolve(jobs)
    })
  })
}

describeEngines((engine) => {
  test('500 jobs are each done once, by four workers', async () => {
    await using started = await startRedis({ engine })
    await using board = new Board(await started.open())
    const queue = board.queue('mails')
    const done: string[] = []
    const all = new Promise<void>((resolve) => {
      for (let i = 0; i < 4; i++) {
        board
          .worker(
            'mails',
            async (job) => {
              done.push(String(job.id))
            },
            { concurrency: 5 },
          )
          .on('completed', () => {
            if (done.length === 500) resolve()
          })
      }
    })
    await queue.addBulk(Array.from({ length: 500 }, (_, i) => ({ name: 'mail', data: { i } })))
    await all
    expect(new Set(done).size).toBe(500)
    expect(done).toHaveLength(500)
  })

  test('results and failures reach who waits for them, retries and backoff included', async () => {
    await using started = await startRedis({ engine })
    await using board = new Board(await started.open())
    const events = await board.events('sums')
    const queue = board.queue('sums')
    board.worker('sums', async (job) => {
      if (job.data.a === undefined) throw new Error('nothing to add')
      if (job.attemptsMade < 2 && job.data.flaky) throw new Error('try again')
      return job.data.a + job.data.b
    })
    const [sum, flaky, broken] = await Promise.all([
      queue.add('sum', { a: 1, b: 2 }),
      queue.add(
        'sum',
        { a: 3, b: 4, flaky: true },
        { attempts: 3, backoff: { type: 'exponential', delay: 5 } },
      ),
      queue.add('sum', {}),
    ])
    expect(await sum.waitUntilFinished(events, 10_000)).toBe(3)
    expect(await flaky.waitUntilFinished(events, 10_000)).toBe(7)
    await expect(broken.waitUntilFinished(events, 10_000)).rejects.toThrow('nothing to add')
    expect(await broken.getState()).toBe('failed')
    await broken.retry()
    expect(['waiting', 'active', 'failed']).toContain(await broken.getState())
  })

  test('a flow: the parent runs when its children have, with their results', async () => {
    await using started = await startRedis({ engine })
    await using board = new Board(await started.open())
    board.worker('parts', async (job) => job.data.n * 10)
    const worker = board.worker('whole', async (job) => Object.values(await job.getChildrenValues()))
    const finished = completed(worker, 1)
    await board.flows().add({
      name: 'whole',
      queueName: 'whole',
      children: [1, 2, 3].map((n) => ({ name: 'part', queueName: 'parts', data: { n } })),
    })
    const [job] = await finished
    expect(job?.returnvalue.sort()).toEqual([10, 20, 30])
  })

  test('delayed jobs come in the order of their delays, and priorities in theirs', async () => {
    await using started = await startRedis({ engine })
    await using board = new Board(await started.open())
    const queue = board.queue('later')
    await queue.addBulk([
      { name: 'third', data: {}, opts: { delay: 90 } },
      { name: 'first', data: {}, opts: { delay: 10 } },
      { name: 'second', data: {}, opts: { delay: 50 } },
    ])
    const jobs = await completed(
      board.worker('later', async () => undefined),
      3,
    )
    expect(jobs.map((job) => job.name)).toEqual(['first', 'second', 'third'])

    const ranked = board.queue('ranked')
    for (const priority of [5, 1, 3]) await ranked.add(`p${priority}`, {}, { priority })
    const inOrder = await completed(
      board.worker('ranked', async () => undefined),
      3,
    )
    expect(inOrder.map((job) => job.name)).toEqual(['p1', 'p3', 'p5'])
  })

  test('a job scheduler produces its jobs one after another until it is removed', async () => {
    await using started = await startRedis({ engine })
    await using board = new Board(await started.open())
    const queue = board.queue('ticks')
    const worker = board.worker('ticks', async () => undefined)
    const three = completed(worker, 3)
    await queue.upsertJobScheduler('clock', { every: 30 }, { name: 'tick' })
    expect((await three).map((job) => job.name)).toEqual(['tick', 'tick', 'tick'])
    expect(await queue.getJobSchedulersCount()).toBe(1)
    expect(await queue.removeJobScheduler('clock')).toBe(true)
    expect(await queue.getJobSchedulersCount()).toBe(0)
  })

  test('a rate limit holds, and the jobs behind it are done when it lets them', async () => {
    await using started = await startRedis({ engine })
    await using board = new Board(await started.open())
    const queue = board.queue('limited')
    const worker = board.worker('limited', async () => undefined, {
      limiter: { max: 2, duration: 100 },
      autorun: false,
    })
    await queue.addBulk(Array.from({ length: 6 }, () => ({ name: 'call', data: {} })))
    const six = completed(worker, 6)
    const two = completed(worker, 2)
    void worker.run()
    await two
    expect(await queue.getRateLimitTtl()).toBeGreaterThan(0)
    expect(await six).toHaveLength(6)
  })

  test('the same deduplication id adds nothing while the first job is there', async () => {
    await using started = await startRedis({ engine })
    await using board = new Board(await started.open())
    const queue = board.queue('once')
    const first = await queue.add('job', {}, { deduplication: { id: 'same' } })
    const second = await queue.add('job', {}, { deduplication: { id: 'same' } })
    expect(second.id).toBe(first.id)
    expect(await queue.getWaitingCount()).toBe(1)
  })

  test('a job whose worker has died is found stalled and done by another', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    await using board = new Board(instance)
    const queue = board.queue('stalls')
    const began = new EventEmitter()
    const active = once(began, 'began')
    const hang = () => {
      began.emit('began')
      return new Promise<never>(() => undefined)
    }
    const dying = new Worker('stalls', hang, {
      connection: board.connection,
      lockDuration: 50,
      lockRenewTime: 100_000,
      skipStalledCheck: true,
    })
    dying.on('error', () => undefined)
    await queue.add('job', {})
    await active
    await dying.disconnect()
    const rescuer = board.worker('stalls', async () => 'rescued', { stalledInterval: 50 })
    const [job] = await completed(rescuer, 1)
    expect(job?.returnvalue).toBe('rescued')
    await dying.close(true)
  })

  test('pause holds jobs back, resume lets them go, drain and obliterate take them away', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    await using board = new Board(instance)
    const queue = board.queue('held')
    await queue.pause()
    await queue.addBulk(Array.from({ length: 10 }, () => ({ name: 'job', data: {} })))
    const worker = board.worker('held', async () => undefined)
    const ten = completed(worker, 10)
    expect(await queue.getJobCounts('paused', 'completed')).toEqual({ paused: 10, completed: 0 })
    await queue.resume()
    await ten
    await worker.close()
    await queue.addBulk(Array.from({ length: 10 }, () => ({ name: 'job', data: {} })))
    await queue.drain()
    expect(await queue.getWaitingCount()).toBe(0)
    await queue.obliterate({ force: true })
    using client = connect(instance)
    expect(await client.keys('bull:held:*')).toEqual([])
  })

  test('each worker is seen by its name', async () => {
    await using started = await startRedis({ engine })
    await using board = new Board(await started.open())
    const queue = board.queue('seen')
    const workers = ['one', 'two'].map((name) => board.worker('seen', async () => undefined, { name }))
    await Promise.all(workers.map((worker) => worker.waitUntilReady()))
    const names = (await queue.getWorkers()).map((worker) => worker['rawname'])
    expect(new Set(names)).toEqual(new Set(['bull:c2Vlbg==:w:one', 'bull:c2Vlbg==:w:two']))
  })

  test('a worker goes on with a server that was reset under it, once it is told so', async () => {
    await using started = await startRedis({ engine })
    const instance = await started.open()
    await using board = new Board(instance)
    const queue = board.queue('reset')
    const worker = board.worker('reset', async () => 'done')
    worker.on('error', () => undefined)
    queue.on('error', () => undefined)
    const before = completed(worker, 1)
    await queue.add('job', {})
    await before
    await instance.reset?.()
    const after = completed(worker, 1)
    await queue.add('job', {})
    const [job] = await after
    expect(job?.id).toBe('1')
  })
})
