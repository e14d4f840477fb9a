// Copied into each inline project as `around.ts`: a setup file that tells when a test file begins and ends.
import { relative } from 'node:path'
import { threadId } from 'node:worker_threads'
import { afterAll, beforeAll, expect } from 'vitest'
import { tell } from './events.ts'

const fields = (): Record<string, unknown> => ({
  file: relative(process.cwd(), expect.getState().testPath ?? ''),
  lane: Number(process.env['VITEST_POOL_ID']),
  thread: threadId,
})

beforeAll(() => tell('begin', fields()))
afterAll(() => tell('end', fields()))
