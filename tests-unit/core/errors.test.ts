import { LanesError } from '@vitest-lanes/core'
import { expect, test } from 'vitest'

test('an error carries its code and says what to do', () => {
  const error = new LanesError('LANES_RESOURCE_UNKNOWN', 'Unknown resource `redsi`.', {
    hint: 'Did you mean `redis`?',
  })
  expect(error.message).toBe(
    'Unknown resource `redsi`.\n  → Did you mean `redis`?\n  [LANES_RESOURCE_UNKNOWN]',
  )
  expect(error.code).toBe('LANES_RESOURCE_UNKNOWN')
})
