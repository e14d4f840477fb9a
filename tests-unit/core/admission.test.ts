import type { AdmissionEvent, Claim, FileRequest } from '@vitest-lanes/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { AdmissionModel } from './admission-model.ts'

const RESOURCES = {
  redis: { instances: 'lanes' },
  postgres: { instances: 2 },
  stripe: { instances: 1 },
} as const
const NAMES = [...Object.keys(RESOURCES), 'sequential', 'alone']

const claims = fc
  .uniqueArray(
    fc.record({
      resource: fc.constantFrom('redis', 'postgres', 'postgres', 'stripe', 'stripe', 'sequential', 'alone'),
      mode: fc.constantFrom('exclusive', 'shared'),
    }),
    { maxLength: 3, selector: ({ resource }) => resource },
  )
  .map((list): Claim[] => list)

const file = fc.record({
  claims: fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 3, arbitrary: claims }),
  estimate: fc.integer({ min: 1, max: 1000 }),
  failedLast: fc.boolean(),
})

/** A step names its file by a number that is taken modulo the files there are. */
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('enqueue' as const), files: fc.array(file, { maxLength: 12 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('withdraw' as const), pick: fc.nat() }) },
  { weight: 8, arbitrary: fc.record({ type: fc.constant('finished' as const), pick: fc.nat() }) },
  {
    weight: 14,
    arbitrary: fc.record({ type: fc.constant('cleaned' as const), pick: fc.nat(), hold: fc.nat() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('lanes' as const), count: fc.integer({ min: 0, max: 6 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('instances' as const),
      resource: fc.constantFrom('redis', 'postgres', 'stripe'),
      count: fc.integer({ min: 0, max: 3 }),
    }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const history = fc.record({
  lanes: fc.integer({ min: 1, max: 5 }),
  steps: fc.array(step, { maxLength: 120 }),
})

test(
  'at every step of any history no leases conflict and no file waits that can run',
  { timeout: 120_000 },
  () => {
    // The model asserts at every step.
    const outcome = fc.check(
      fc.property(history, ({ lanes, steps }) => void play(lanes, steps)),
      { numRuns: 300 },
    )
    expect(fc.defaultReportMessage(outcome)).toBeUndefined()
  },
)

test('the same events give the same leases', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(history, ({ lanes, steps }) => {
      expect(play(lanes, steps).granted).toEqual(play(lanes, steps).granted)
    }),
    { numRuns: 30 },
  )
})

test('every file is granted in the end, unless it claims what has no instance', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(history, ({ lanes, steps }) => {
      const model = play(lanes, steps)
      model.send({ type: 'lanes', count: Math.max(1, model.lanes) })
      drain(model)
      expect([...model.waiting.values()].filter((waiting) => model.isPossible(waiting))).toEqual([])
      for (const resource of ['redis', 'postgres', 'stripe'])
        model.send({ type: 'instances', resource, count: 1 })
      drain(model)
      expect(model.waiting.size).toBe(0)
    }),
    { numRuns: 150 },
  )
})

function play(lanes: number, steps: readonly Step[]): AdmissionModel {
  const model = new AdmissionModel({ lanes, resources: RESOURCES, patience: 3 })
  let count = 0
  for (const step of steps) {
    const event = eventOf(step, model, () => `file-${count++}`)
    if (event) model.send(event)
  }
  return model
}

function eventOf(step: Step, model: AdmissionModel, nextId: () => string): AdmissionEvent | undefined {
  switch (step.type) {
    case 'enqueue':
      return { type: 'enqueue', files: step.files.map((file): FileRequest => ({ id: nextId(), ...file })) }
    case 'withdraw': {
      const id = pick([...model.waiting.keys()], step.pick)
      return id === undefined ? undefined : { type: 'withdraw', id }
    }
    case 'finished': {
      const id = pick([...model.running.keys()], step.pick)
      return id === undefined ? undefined : { type: 'finished', id }
    }
    case 'cleaned': {
      const id = pick([...model.running.keys()], step.pick)
      const resource = pick(NAMES, step.hold)
      return id === undefined || resource === undefined ? undefined : { type: 'cleaned', id, resource }
    }
    case 'lanes':
    case 'instances':
      return step
    default:
      return step satisfies never
  }
}

function pick<T>(list: readonly T[], number: number): T | undefined {
  return list[number % Math.max(1, list.length)]
}

/** Ends all that runs, in order of the grants, until nothing runs any more. */
function drain(model: AdmissionModel): void {
  for (;;) {
    const [first] = model.running.values()
    if (first === undefined) return
    if (!first.finished) model.send({ type: 'finished', id: first.lease.id })
    for (const resource of first.holds) model.send({ type: 'cleaned', id: first.lease.id, resource })
  }
}
