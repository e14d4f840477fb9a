import type { OpenInstance } from '@vitest-lanes/core'
import { redis as provider } from '@vitest-lanes/redis'
import type { Engine } from '@vitest-lanes/server'
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { redisEngines } from './engines.ts'
import { judge, remark } from './judge.ts'
import { median } from './median.ts'
import { childrenMemory } from './memory.ts'
import { startProvider } from './provider-run.ts'
import type { BenchResult } from './result.ts'

const KEYS = 10_000
const ROUND_TRIPS = 3_000
const JOBS = 2_000
const LANES = 8
const ROUNDS = 5
const MOST_MEMORY = { native: 80, embedded: 500 } as const

type Measure = (env: Readonly<Record<string, string>>) => Promise<number>

/** Reset, speed and memory, embedded beside native. */
export async function redis(): Promise<BenchResult[]> {
  const engines = await redisEngines()
  const results: BenchResult[] = []
  for (const engine of engines) {
    results.push(judge(`redis.reset-${engine}`, await reset(engine), 'ms', 5))
    results.push(judge(`redis.memory-${engine}`, await memory(engine), 'MB', MOST_MEMORY[engine]))
  }
  if (engines.includes('native')) {
    results.push(judge('redis.round-trip', await against(roundTrips), 'ratio', 1.5))
    results.push(judge('redis.bullmq-jobs', await against(jobs), 'ratio', 1.5))
  } else remark('round trip and BullMQ are measured against a native server: left out')
  return results
}

/** What a reset takes with so many keys to clear, in ms. */
async function reset(engine: Engine): Promise<number> {
  await using run = await startProvider(provider({ engine }), 1)
  const instance = await run.open(1)
  const took: number[] = []
  for (let round = 0; round < 2 * ROUNDS; round++) {
    const client = new Redis(instance.env['REDIS_URL'] ?? '')
    const pipeline = client.pipeline()
    for (let key = 0; key < KEYS; key++) pipeline.set(`key:${key}`, 'a value of some length')
    await pipeline.exec()
    client.disconnect()
    const begun = performance.now()
    await instance.reset?.()
    took.push(performance.now() - begun)
  }
  return median(took)
}

/** What so many lanes take, in MB: that of the servers, with what they share counted once. */
async function memory(engine: Engine): Promise<number> {
  const before = await childrenMemory()
  await using run = await startProvider(provider({ engine }), LANES)
  await Promise.all(Array.from({ length: LANES }, (_, index) => run.open(index + 1)))
  return (await childrenMemory()) - before
}

/** Embedded against native, in turns on one machine, each on an instance that is reset between: the ratio of the medians. */
async function against(measure: Measure): Promise<number> {
  await using native = await startProvider(provider({ engine: 'native' }), 1)
  await using embedded = await startProvider(provider({ engine: 'embedded' }), 1)
  const took = { native: [] as number[], embedded: [] as number[] }
  const [theirs, ours] = [await native.open(1), await embedded.open(1)]
  const once = async (instance: OpenInstance) => {
    const ms = await measure(instance.env)
    await instance.reset?.()
    return ms
  }
  for (let round = 0; round <= ROUNDS; round++) {
    const [one, other] = [await once(theirs), await once(ours)]
    // The first is for Node to warm up.
    if (round === 0) continue
    took.native.push(one)
    took.embedded.push(other)
  }
  const [one, other] = [median(took.native), median(took.embedded)]
  remark(`${measure.name}: native ${one.toFixed(0)} ms, embedded ${other.toFixed(0)} ms`)
  return other / one
}

async function roundTrips(env: Readonly<Record<string, string>>): Promise<number> {
  const client = new Redis(env['REDIS_URL'] ?? '')
  await client.set('key', 'value')
  const begun = performance.now()
  for (let trip = 0; trip < ROUND_TRIPS; trip++) await client.get('key')
  const took = performance.now() - begun
  client.disconnect()
  return took
}

async function jobs(env: Readonly<Record<string, string>>): Promise<number> {
  const { REDIS_HOST: host = '', REDIS_PORT: port, REDIS_PASSWORD: password = '' } = env
  const connection = { host, port: Number(port), password, maxRetriesPerRequest: null }
  const queue = new Queue('jobs', { connection })
  let done = 0
  const begun = performance.now()
  await queue.addBulk(Array.from({ length: JOBS }, (_, number) => ({ name: 'job', data: { number } })))
  const worker = new Worker('jobs', async () => undefined, { connection, concurrency: 10 })
  await new Promise<void>((resolve, reject) => {
    worker.on('completed', () => ++done === JOBS && resolve())
    worker.on('failed', (_, error) => reject(error))
    worker.on('error', reject)
  })
  const took = performance.now() - begun
  await worker.close()
  await queue.close()
  return took
}
