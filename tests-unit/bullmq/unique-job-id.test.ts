import { uniqueJobId } from '@vitest-lanes/bullmq'
import { expect, test } from 'vitest'

test('ids are unique, begin with their prefix, and are such as BullMQ takes', () => {
  const ids = Array.from({ length: 1_000 }, () => uniqueJobId('order:paid'))

  expect(new Set(ids).size).toBe(1_000)
  for (const id of ids) expect(id).toMatch(/^order-paid-[0-9a-f]{32}$/)
})
