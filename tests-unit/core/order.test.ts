import { orderFiles, parseClaim, type OrderedFile } from '@vitest-lanes/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

const file = (
  id: string,
  estimate: number,
  claims: readonly string[] = [],
  failedLast = false,
): OrderedFile => ({
  id,
  estimate,
  claims: claims.map((claim) => parseClaim(claim)),
  failedLast,
})
const instances = (resource: string): number => (resource === 'llm' ? 3 : 1)
const ids = (files: readonly OrderedFile[], lanes = 2): string[] =>
  orderFiles(files, { lanes, instances }).map(({ id }) => id)

test('the longest file comes first', () => {
  expect(ids([file('a', 1), file('b', 3), file('c', 2)])).toEqual(['b', 'c', 'a'])
})

test('the files of a scarce resource come before a longer one, while their chain is longer', () => {
  const chain = [file('x', 20, ['stripe']), file('y', 20, ['stripe']), file('z', 20, ['stripe'])]
  expect(ids([file('long', 30), ...chain])).toEqual(['x', 'y', 'long', 'z'])
})

test('a chain is over the instances of its resource', () => {
  const chain = [file('x', 20, ['llm']), file('y', 20, ['llm']), file('z', 20, ['llm'])]
  expect(ids([file('long', 30), ...chain])).toEqual(['long', 'x', 'y', 'z'])
})

test('files that share a resource are no chain', () => {
  const shared = [file('x', 20, ['stripe/shared']), file('y', 20, ['stripe/shared'])]
  expect(ids([file('long', 30), ...shared])).toEqual(['long', 'x', 'y'])
})

test('what failed last time comes first, then what runs alone', () => {
  const files = [
    file('long', 90),
    file('failed', 1, [], true),
    file('alone', 1, ['alone']),
    file('b', 5, [], true),
  ]
  expect(ids(files, 1)).toEqual(['b', 'failed', 'alone', 'long'])
})

test('of equal files the id decides, in whatever order they come', () => {
  const files = ['d', 'a', 'c', 'b'].map((id) => file(id, 5, ['stripe']))
  expect(ids(files)).toEqual(['a', 'b', 'c', 'd'])
  expect(ids(files.toReversed())).toEqual(['a', 'b', 'c', 'd'])
})

test('every file is in the order once, those that failed before the others, and the same for any arrival', () => {
  const files = fc.uniqueArray(
    fc.record({
      id: fc.string({ minLength: 1, maxLength: 4 }),
      estimate: fc.nat(1000),
      failedLast: fc.boolean(),
      claims: fc
        .subarray(['stripe', 'llm/shared', 'sequential', 'alone'])
        .map((list) => list.map((claim) => parseClaim(claim))),
    }),
    { selector: ({ id }) => id, maxLength: 30 },
  )
  fc.assert(
    fc.property(files, fc.integer({ min: 1, max: 4 }), (list, lanes) => {
      const ordered = orderFiles(list, { lanes, instances })
      expect(ordered.map(({ id }) => id).toSorted()).toEqual(list.map(({ id }) => id).toSorted())
      const failed = ordered.map(({ failedLast }) => failedLast)
      expect(failed).toEqual(failed.toSorted((a, b) => Number(b) - Number(a)))
      expect(orderFiles(list.toReversed(), { lanes, instances })).toEqual(ordered)
    }),
  )
})
