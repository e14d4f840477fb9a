import { expect, test } from 'vitest'
import { createHistory } from '../../packages/bullmq/dist/history.js'

test('a job that was put back has no outcome until it ends again', () => {
  const history = createHistory()
  history.add({ name: 'added', jobId: '1' })
  history.add({ name: 'failed', jobId: '1', failedReason: 'busy' })
  expect(history.outcome('1')).toEqual({ jobId: '1', state: 'failed', failedReason: 'busy' })

  history.add({ name: 'waiting', jobId: '1' })
  expect(history.outcome('1')).toBeUndefined()

  history.add({ name: 'completed', jobId: '1', returnvalue: 3 })
  expect(history.outcome('1')).toEqual({ jobId: '1', state: 'completed', returnvalue: 3 })
  expect(history.ended.map(({ state }) => state)).toEqual(['failed', 'completed'])
})

test('the states of a job are kept when it has left them', () => {
  const history = createHistory()
  for (const name of ['added', 'waiting', 'active', 'completed']) history.add({ name, jobId: '1' })

  expect([...history.states('1')]).toEqual(['waiting', 'active', 'completed'])
  expect(history.last('1')).toBe('completed')
  expect([...history.states('2')]).toEqual([])
})
