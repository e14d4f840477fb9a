// A worker in a process of its own that finishes no job, for tests that kill it; it ends with them, whatever happens.
import { Worker } from 'bullmq'

const [name] = process.argv.slice(2)
const worker = new Worker(name, () => new Promise(() => {}), {
  connection: { url: process.env.REDIS_URL, maxRetriesPerRequest: null },
  prefix: process.env.BULLMQ_PREFIX,
  name: `pid-${process.pid}-1`,
})
worker.on('error', () => {})
process.once('disconnect', () => process.exit())
