import { expect, test } from 'vitest'
import { createVariables } from '../../packages/bullmq/dist/fixture/variables.js'

test('a variable is as it was before, when its test has ended', () => {
  const env: Record<string, string | undefined> = { KEPT: 'before' }
  const variables = createVariables(env)
  const owner = {}
  variables.set(owner, 'KEPT', 'a')
  variables.set(owner, 'KEPT', 'b')
  variables.set(owner, 'NEW', 'c')
  expect(env).toEqual({ KEPT: 'b', NEW: 'c' })

  variables.release(owner)

  expect(env).toEqual({ KEPT: 'before' })
})

test('two tests at once cannot have one variable, and one after the other can', () => {
  const env: Record<string, string | undefined> = {}
  const variables = createVariables(env)
  const [one, other] = [{}, {}]
  variables.set(one, 'PREFIX', 'a')
  expect(() => variables.set(other, 'PREFIX', 'b')).toThrow(/^Two tests that run at the same time set PREFIX/)

  variables.release(one)
  variables.set(other, 'PREFIX', 'b')

  expect(env).toEqual({ PREFIX: 'b' })
})
