import { expect, test, vi } from 'vitest'
import { withEnv } from '../../packages/vitest-lanes/dist/providers/with-env.js'

test('what a provider hands over stands above the rest', () => {
  expect(withEnv({ A: '1', B: '2' }, { B: '3' })).toEqual({ A: '1', B: '3' })
})

test('options for Node.js of the user and of a provider add up, none of them twice', () => {
  vi.stubEnv('NODE_OPTIONS', '--trace-warnings')
  const provided = { NODE_OPTIONS: '--trace-warnings --import=hook.js' }
  expect(withEnv({ NODE_OPTIONS: '--conditions=test' }, provided)).toEqual({
    NODE_OPTIONS: '--conditions=test --import=hook.js',
  })
  expect(withEnv({ NODE_OPTIONS: '--trace-warnings' }, provided)).toEqual(provided)
  expect(withEnv({ NODE_OPTIONS: '--conditions=test' }, { A: '1' })['NODE_OPTIONS']).toBe('--conditions=test')
  vi.unstubAllEnvs()
})
