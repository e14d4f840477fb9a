import { setTimeout } from 'node:timers/promises'
import { Queue } from 'bullmq'
import { Pool } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

const pool = new Pool({ connectionString: process.env['DATABASE_URL'] })
const queue = new Queue('jobs', { connection: { url: process.env['REDIS_URL'] ?? '' } })
beforeAll(() => pool.query("DELETE FROM job_status WHERE status = 'invoice'"))
afterAll(async () => {
  await queue.close()
  await pool.end()
})

test('keeps a row for the job of each invoice', async () => {
  for (let invoice = 1; invoice <= 15; invoice++) {
    await queue.obliterate({ force: true })
    const { id } = await queue.add('invoice', { invoice })
    await pool.query("INSERT INTO job_status VALUES ($1, 'invoice')", [id])
    await setTimeout(60)
    const { rowCount } = await pool.query("DELETE FROM job_status WHERE job_id = $1 AND status = 'invoice'", [
      id,
    ])
    expect(rowCount).toBe(1)
  }
})
