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

test('a variable that is set for one call is as it was after it, whoever has it, and if the call fails', () => {
  const env: Record<string, string | undefined> = {}
  const variables = createVariables(env)
  const read = () => env['PREFIX']
  variables.set({}, 'PREFIX', 'held')

  expect(variables.during('PREFIX', 'a', read)).toBe('a')
  expect(variables.during('OTHER', 'b', () => env['OTHER'])).toBe('b')
  expect(() =>
    variables.during('PREFIX', 'c', () => {
      throw new Error('no queue')
    }),
  ).toThrow('no queue')

  expect(env).toEqual({ PREFIX: 'held' })
})
