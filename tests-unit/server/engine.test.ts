import { engineFromEnvironment } from '@vitest-lanes/server'
import { expect, test } from 'vitest'

test('the engine is what the variable says, and nothing if it is unset or empty', () => {
  expect(engineFromEnvironment({ VITEST_LANES_ENGINE: 'native' })).toBe('native')
  expect(engineFromEnvironment({ VITEST_LANES_ENGINE: 'embedded' })).toBe('embedded')
  expect(engineFromEnvironment({ VITEST_LANES_ENGINE: '' })).toBeUndefined()
  expect(engineFromEnvironment({})).toBeUndefined()
})

test('another engine is an error that names the two', () => {
  expect(() => engineFromEnvironment({ VITEST_LANES_ENGINE: 'docker' })).toThrow(
    expect.objectContaining({
      code: 'LANES_OPTION_INVALID',
      message: expect.stringContaining('Expected VITEST_LANES_ENGINE to be native or embedded, got docker.'),
    }),
  )
})
