import { setTimeout } from 'node:timers/promises'
import { Queue } from 'bullmq'
import { Pool } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

const pool = new Pool({ connectionString: process.env['DATABASE_URL'] })
const queue = new Queue('jobs', { connection: { url: process.env['REDIS_URL'] ?? '' } })
beforeAll(() => pool.query("DELETE FROM job_status WHERE status = 'reminder'"))
afterAll(async () => {
  await queue.close()
  await pool.end()
})

test('keeps a row for the job of each reminder', async () => {
  for (let reminder = 1; reminder <= 15; reminder++) {
    await queue.obliterate({ force: true })
    const { id } = await queue.add('reminder', { reminder })
    await pool.query("INSERT INTO job_status VALUES ($1, 'reminder')", [id])
    await setTimeout(60)
    const { rowCount } = await pool.query(
      "DELETE FROM job_status WHERE job_id = $1 AND status = 'reminder'",
      [id],
    )
    expect(rowCount).toBe(1)
  }
})
