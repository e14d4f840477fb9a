import { whatWaitsFor, type Claim, type FileRequest } from '@vitest-lanes/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AdmissionModel } from './admission-model.ts'

const RESOURCES = {
  redis: { instances: 'lanes' },
  postgres: { instances: 2 },
  stripe: { instances: 1 },
} as const

const claim = (resource: string, mode: Claim['mode'] = 'exclusive'): Claim => ({ resource, mode })

/**
 * Lets a file wait in a stream that never ends: whenever a file ends, `arriving` new ones come, all of which would go
 * first by their estimates. Returns how many of them were granted while it waited, or Infinity if it still waits
 * after 1,000.
 */
function overtakenBy(
  waits: readonly Claim[],
  stream: readonly (readonly Claim[])[],
  { lanes = 3, patience = 4, waiting = 6 } = {},
): { overtakes: number; bound: number } {
  const model = new AdmissionModel({ lanes, resources: RESOURCES, patience })
  let count = 0
  const next = (): FileRequest => {
    const claims = stream[count % stream.length] ?? []
    return { id: `stream-${count++}`, claims, estimate: 1000 }
  }
  model.send({ type: 'enqueue', files: Array.from({ length: lanes }, next) })
  model.send({ type: 'enqueue', files: [{ id: 'waits', claims: waits, estimate: 1 }] })
  const before = model.granted.length
  while (model.waiting.has('waits') && model.granted.length < 1000) {
    const files = Array.from({ length: Math.max(0, waiting - model.waiting.size) }, next)
    model.send({ type: 'enqueue', files })
    const [oldest] = model.running.values()
    if (oldest === undefined) break
    const { id } = oldest.lease
    model.send({ type: 'finished', id })
    for (const resource of oldest.holds) model.send({ type: 'cleaned', id, resource })
  }
  // Two waves, then every file that is overdue before it, while what runs comes to its end.
  const most = model.mostWaiting
  return {
    overtakes: model.waiting.has('waits') ? Number.POSITIVE_INFINITY : model.granted.length - before - 1,
    bound: 2 * (patience + most) + (most + 1) * (lanes + 1),
  }
}

describe('a file is not overtaken for ever', () => {
  test.each<[string, Claim[], Claim[][]]>([
    ['with no claim, by longer files', [], [[]]],
    ['with an exclusive claim, by files that share', [claim('stripe')], [[claim('stripe', 'shared')]]],
    ['with a shared claim, by exclusive ones', [claim('stripe', 'shared')], [[claim('stripe')]]],
    [
      'with several claims, by files with one of them',
      [claim('stripe'), claim('postgres'), claim('sequential')],
      [[claim('stripe')], [claim('postgres')], [claim('postgres')], [claim('sequential')]],
    ],
    ['that runs alone, by any', [claim('alone')], [[], [claim('redis')], [claim('stripe', 'shared')]]],
    ['by files that run alone', [claim('stripe')], [[claim('alone')]]],
    ['of a resource with two instances', [claim('postgres')], [[claim('postgres')]]],
  ])('%s', (_, waits, stream) => {
    const { overtakes, bound } = overtakenBy(waits, stream)
    expect(overtakes).toBeLessThanOrEqual(bound)
  })

  test('whatever it claims and whatever comes', { timeout: 120_000 }, () => {
    const claims = fc
      .uniqueArray(
        fc.record({
          resource: fc.constantFrom('redis', 'postgres', 'stripe', 'sequential', 'alone'),
          mode: fc.constantFrom('exclusive', 'shared'),
        }),
        { maxLength: 3, selector: ({ resource }) => resource },
      )
      .map((list): Claim[] => list)
    const options = fc.record({
      lanes: fc.integer({ min: 1, max: 5 }),
      patience: fc.integer({ min: 1, max: 6 }),
      waiting: fc.integer({ min: 1, max: 10 }),
    })
    fc.assert(
      fc.property(
        claims,
        fc.array(claims, { minLength: 1, maxLength: 6 }),
        options,
        (waits, stream, rest) => {
          const { overtakes, bound } = overtakenBy(waits, stream, rest)
          expect(overtakes).toBeLessThanOrEqual(bound)
        },
      ),
      { numRuns: 100 },
    )
  })
})

test('a file that cannot run at all holds up nobody', () => {
  const model = new AdmissionModel({ lanes: 1, resources: RESOURCES, patience: 1 })
  model.send({ type: 'instances', resource: 'stripe', count: 0 })
  const files = Array.from({ length: 50 }, (_, index) => ({
    id: `file-${index}`,
    claims: [claim('sequential')],
    estimate: 1,
  }))
  model.send({
    type: 'enqueue',
    files: [{ id: 'never', claims: [claim('stripe'), claim('sequential')], estimate: 1 }],
  })
  for (const file of files) {
    model.send({ type: 'enqueue', files: [file] })
    model.send({ type: 'finished', id: file.id })
    model.send({ type: 'cleaned', id: file.id, resource: 'sequential' })
    model.send({ type: 'cleaned', id: file.id, resource: 'alone' })
  }
  expect(model.granted).toHaveLength(50)
  expect([...model.waiting.keys()]).toEqual(['never'])
})

test('a file goes before longer ones that came a wave later', () => {
  const model = new AdmissionModel({ lanes: 1, resources: {}, patience: 2 })
  const enqueue = (...files: readonly (readonly [string, number])[]): void => {
    model.send({ type: 'enqueue', files: files.map(([id, estimate]) => ({ id, claims: [], estimate })) })
  }
  enqueue(['first', 1])
  enqueue(['short', 1], ['long', 900], ['longer', 1000])
  model.send({ type: 'finished', id: 'first' })
  // Two grants were given and two files wait: the wave ends after two more grants.
  enqueue(['same wave', 800])
  model.send({ type: 'finished', id: 'longer' })
  model.send({ type: 'finished', id: 'long' })
  enqueue(['next wave', 700])
  model.send({ type: 'finished', id: 'same wave' })
  model.send({ type: 'finished', id: 'short' })
  expect(model.granted).toEqual(['first', 'longer', 'long', 'same wave', 'short', 'next wave'])
})

test('beside a file that has waited too long, others have what is left over', () => {
  const model = new AdmissionModel({ lanes: 3, resources: RESOURCES, patience: 1 })
  const enqueue = (id: string, ...claims: Claim[]): string[] =>
    model.send({ type: 'enqueue', files: [{ id, claims, estimate: 1 }] }).map((lease) => lease.id)
  const end = (id: string, ...resources: string[]): string[] =>
    [
      model.send({ type: 'finished', id }),
      ...resources.map((resource) => model.send({ type: 'cleaned', id, resource })),
    ].flatMap((leases) => leases.map((lease) => lease.id))

  enqueue('holder', claim('stripe'))
  enqueue('favoured', claim('stripe'), claim('postgres'))
  for (let count = 0; count < 10; count++) {
    enqueue(`passes-${count}`)
    end(`passes-${count}`, 'alone')
  }
  expect(enqueue('first', claim('postgres'))).toEqual(['first'])
  expect(enqueue('second', claim('postgres'))).toEqual([])
  expect(whatWaitsFor(model.state, 'second')).toEqual({ what: 'postgres', holders: ['favoured'], kept: true })
  expect(end('first', 'postgres')).toEqual(['second'])
  expect(end('holder', 'stripe')).toEqual(['favoured'])
})
