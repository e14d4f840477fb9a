import {
  admit,
  createAdmission,
  parseClaim,
  running,
  waiting,
  whatWaitsFor,
  type AdmissionEvent,
  type AdmissionState,
  type FileRequest,
} from '@vitest-lanes/core'
import { describe, expect, test } from 'vitest'

const file = (id: string, estimate: number, ...claims: readonly string[]): FileRequest => ({
  id,
  estimate,
  claims: claims.map((claim) => parseClaim(claim)),
})

const RESOURCES = { redis: { instances: 'lanes' }, stripe: { instances: 1 }, mail: { instances: 1 } } as const

/** An admission with these files enqueued; and what it tells of each event. */
function start(lanes: number, ...files: readonly FileRequest[]) {
  const state: AdmissionState = createAdmission({ lanes, resources: RESOURCES })
  const tell = (...events: readonly AdmissionEvent[]): string[] =>
    admit(state, ...events)[1].map(({ id }) => id)
  const [, leases] = admit(state, { type: 'enqueue', files })
  return { state, leases, tell }
}

const finished = (id: string): AdmissionEvent => ({ type: 'finished', id })
const cleaned = (id: string, resource: string): AdmissionEvent => ({ type: 'cleaned', id, resource })

test('a lease names the lane, and each instance with its mode', () => {
  const { leases } = start(2, file('a', 2, 'redis', 'stripe/shared'), file('b', 1, 'redis', 'stripe/shared'))
  expect(leases).toEqual([
    {
      id: 'a',
      lane: 1,
      instances: { alone: 1, redis: 1, stripe: 1 },
      modes: { alone: 'shared', redis: 'exclusive', stripe: 'shared' },
    },
    {
      id: 'b',
      lane: 2,
      instances: { alone: 1, redis: 2, stripe: 1 },
      modes: { alone: 'shared', redis: 'exclusive', stripe: 'shared' },
    },
  ])
})

test('a spare instance serves the next file of a lane while the first is cleaned, a third one is not opened', () => {
  const { state, tell } = start(1, file('a', 3, 'redis'), file('b', 2, 'redis'), file('c', 1, 'redis'))
  const numberOf = (...events: readonly AdmissionEvent[]): (number | undefined)[] =>
    admit(state, ...events)[1].map(({ instances }) => instances['redis'])
  expect(numberOf(finished('a'))).toEqual([2])
  expect(tell(finished('b'))).toEqual([])
  expect(numberOf(cleaned('a', 'redis'))).toEqual([1])
})

test('events that are told together are all taken in before anything is granted', () => {
  const files = [
    file('first', 9, 'stripe', 'mail'),
    file('both', 5, 'stripe', 'mail'),
    file('one', 1, 'stripe'),
  ]
  const end = [finished('first'), cleaned('first', 'stripe'), cleaned('first', 'mail')]
  expect(start(2, ...files).tell(...end)).toEqual(['both'])
  const { tell } = start(2, ...files)
  expect(end.flatMap((event) => tell(event))).toEqual(['one'])
})

test('a lane is kept for a bottleneck that is being cleaned, if only a moment', () => {
  const chain = ['a', 'b', 'c'].map((id) => file(id, 100, 'stripe'))
  const { state, leases, tell } = start(2, ...chain, file('other', 50), file('more', 40))
  expect(leases.map(({ id }) => id)).toEqual(['a', 'other'])
  expect(tell(finished('a'))).toEqual([])
  expect(whatWaitsFor(state, 'more')).toEqual({ what: 'lane', holders: ['a'], kept: true })
  expect(tell(cleaned('a', 'stripe'))).toEqual(['b'])
})

test('no lane is kept for what is no bottleneck, such as one whose waiting files were withdrawn', () => {
  const chain = [file('a', 9000, 'stripe'), file('b', 10, 'stripe'), file('c', 1000, 'stripe')]
  const { leases, tell } = start(2, ...chain, file('other', 2000), file('more', 400))
  expect(leases.map(({ id }) => id)).toEqual(['a', 'other'])
  expect(tell({ type: 'withdraw', id: 'c' }, finished('a'))).toEqual(['more'])
})

test('more lanes and more instances are used at once, and fewer only as they come back', () => {
  const { state, leases, tell } = start(
    1,
    ...['a', 'b', 'c', 'd'].map((id) => file(id, 1, 'mail')),
    file('e', 1),
  )
  expect(leases.map(({ id }) => id)).toEqual(['a'])
  expect(tell({ type: 'lanes', count: 3 })).toEqual(['e'])
  expect(tell({ type: 'instances', resource: 'mail', count: 2 })).toEqual(['b'])
  expect(
    tell({ type: 'instances', resource: 'mail', count: 0 }, finished('a'), cleaned('a', 'mail')),
  ).toEqual([])
  expect(tell({ type: 'lanes', count: 4 }, { type: 'instances', resource: 'mail', count: 1 })).toEqual([])
  expect(tell(finished('b'), cleaned('b', 'mail'))).toEqual(['c'])
  expect(running(state)).toEqual(['a', 'e', 'b', 'c'])
})

describe('what a file waits for', () => {
  test('is the resource, and who holds it', () => {
    const { state } = start(4, file('a', 2, 'stripe'), file('b', 1, 'stripe'))
    expect(whatWaitsFor(state, 'b')).toEqual({ what: 'stripe', holders: ['a'], kept: false })
    expect(whatWaitsFor(state, 'a')).toBeUndefined()
    expect([waiting(state), running(state)]).toEqual([['b'], ['a']])
  })

  test('is a lane, where that is all that it lacks', () => {
    const { state } = start(1, file('a', 2), file('b', 1))
    expect(whatWaitsFor(state, 'b')).toEqual({ what: 'lane', holders: ['a'], kept: false })
  })

  test('is `alone`, of one that runs alone and of those beside it', () => {
    const { state, tell } = start(4, file('a', 2, 'alone'), file('b', 1), file('c', 1, 'alone'))
    expect(whatWaitsFor(state, 'b')).toEqual({ what: 'alone', holders: ['a'], kept: false })
    expect(tell(finished('a'))).toEqual([])
    expect(tell(cleaned('a', 'alone'))).toEqual(['c'])
    expect(tell(finished('c'), cleaned('c', 'alone'))).toEqual(['b'])
  })
})

describe('what cannot be enqueued', () => {
  test('is a claim of what is not declared; the nearest name is the hint', () => {
    const { state } = start(1)
    expect(() => admit(state, { type: 'enqueue', files: [file('ok', 1), file('a', 1, 'redsi')] })).toThrow(
      expect.objectContaining({ code: 'LANES_RESOURCE_UNKNOWN', hint: 'Did you mean `redis`?' }),
    )
    expect(waiting(state)).toEqual([])
  })

  test('is a file that waits or runs; nor one that comes twice at once', () => {
    const { state } = start(1, file('runs', 2), file('waits', 1))
    for (const id of ['runs', 'waits'])
      expect(() => admit(state, { type: 'enqueue', files: [file(id, 1)] })).toThrow(/LANES_FILE_TWICE/)
    expect(() => admit(state, { type: 'enqueue', files: [file('x', 1), file('x', 1)] })).toThrow(
      /LANES_FILE_TWICE/,
    )
    expect(waiting(state)).toEqual(['waits'])
  })

  test('comes in when it is over', () => {
    const { tell } = start(1, file('a', 1))
    expect(tell(finished('a'), cleaned('a', 'alone'), { type: 'enqueue', files: [file('a', 1)] })).toEqual([
      'a',
    ])
  })
})

test('events about files that are not known, or told twice, change nothing', () => {
  const { state, tell } = start(1, file('a', 2, 'stripe'), file('b', 1, 'stripe'))
  expect(
    tell({ type: 'withdraw', id: 'a' }, { type: 'withdraw', id: 'x' }, finished('x'), finished('b')),
  ).toEqual([])
  expect(tell(finished('a'), finished('a'), cleaned('a', 'mail'), cleaned('x', 'stripe'))).toEqual([])
  expect(tell(cleaned('a', 'stripe'), cleaned('a', 'stripe'))).toEqual(['b'])
  expect(running(state)).toEqual(['a', 'b'])
})
