import { admit, createAdmission } from '@vitest-lanes/core'
import { expect, test } from 'vitest'

const files = [
  { id: 'short', claims: [], estimate: 1 },
  { id: 'of the bottleneck', claims: [{ resource: 'stripe', mode: 'exclusive' as const }], estimate: 100 },
  { id: 'long', claims: [], estimate: 1000 },
  { id: 'failed', claims: [], estimate: 10, failedLast: true },
]

function granted(order: 'chains' | 'given'): string[] {
  let [state, leases] = admit(createAdmission({ lanes: 1, resources: { stripe: { instances: 1 } }, order }), {
    type: 'enqueue',
    files,
  })
  const ids: string[] = []
  while (leases.length > 0) {
    const { id, instances } = leases[0]!
    ids.push(id)
    const cleaned = Object.keys(instances).map((resource) => ({ type: 'cleaned' as const, id, resource }))
    ;[state, leases] = admit(state, { type: 'finished', id }, ...cleaned)
  }
  return ids
}

test('an order that is given is kept, whatever files claim and how long they take', () => {
  expect(granted('given')).toEqual(['short', 'of the bottleneck', 'long', 'failed'])
})

test('otherwise what failed last time goes first, then the longest chain', () => {
  expect(granted('chains')).toEqual(['failed', 'long', 'of the bottleneck', 'short'])
})
