import { expect, test } from 'vitest'
import { proof } from '../support/proof.ts'

// All ten: `pnpm proof faults`.
test('a fault of files that share a server is found, repeated, named and predicted', async () => {
  expect(await proof('faults', 'flushall')).toContain('it holds')
}, 600_000)
