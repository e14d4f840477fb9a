import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutInto, cutIntoExactly, partsOf, planSplits } from '@vitest-lanes/core'
import type { Splittable, WorkloadFile } from '@vitest-lanes/core'

const durations = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 40 })

function longest(list: readonly number[], cut: readonly number[]): number {
  return Math.max(...partsOf(list, cut).map((part) => part.reduce((sum, each) => sum + each, 0)))
}

/** The shortest longest part of any cut. */
function best(list: readonly number[], parts: number): number {
  if (parts === 1) return list.reduce((sum, each) => sum + each, 0)
  const cuts = Array.from({ length: list.length }, (_, index) => {
    const last = list.slice(index).reduce((sum, each) => sum + each, 0)
    return index === 0 ? last : Math.max(last, best(list.slice(0, index), parts - 1))
  })
  return Math.min(...cuts)
}

describe('a cut', () => {
  test('has every test once, in order, and no empty part', () => {
    fc.assert(
      fc.property(durations, fc.integer({ min: 1, max: 12 }), (list, parts) => {
        const cut = cutInto(list, parts)
        const pieces = partsOf(
          list.map((_, index) => index),
          cut,
        )
        expect(pieces.flat()).toEqual(list.map((_, index) => index))
        expect(pieces.every((piece) => piece.length > 0)).toBe(true)
        expect(pieces.length).toBeLessThanOrEqual(parts)
      }),
    )
  })

  test('has exactly as many parts as were asked for, where there are as many tests', () => {
    fc.assert(
      fc.property(durations, fc.integer({ min: 1, max: 12 }), (list, parts) => {
        const pieces = partsOf(list, cutIntoExactly(list, parts))
        expect(pieces).toHaveLength(Math.min(parts, list.length))
        expect(pieces.flat()).toEqual(list)
        expect(pieces.every((piece) => piece.length > 0)).toBe(true)
      }),
    )
  })

  test('has no longer part than the best cut', () => {
    const short = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(short, fc.integer({ min: 1, max: 4 }), (list, parts) => {
        // Tests without a duration count a thousandth of a millisecond.
        expect(longest(list, cutInto(list, parts))).toBeLessThanOrEqual(best(list, parts) + 0.01)
      }),
    )
  })
})

const file = (id: string, duration: number, resource?: string): WorkloadFile => ({
  id,
  duration,
  claims: resource === undefined ? [] : [{ resource, mode: 'exclusive' }],
})
const waits = (count: number, ms: number, overhead = 100): Splittable => ({
  tests: Array.from({ length: count }, () => ms),
  overhead,
})
const small = Array.from({ length: 19 }, (_, index) => file(`small ${index}`, 500))
const options = { lanes: 8, cores: 2 }

describe('a plan', () => {
  test('splits the file that bounds the run, and gets near to what the others take', () => {
    const files = [file('long', 10_100), ...small]
    const plan = planSplits({ resources: {}, files }, new Map([['long', waits(100, 100)]]), options)
    expect([...plan.cuts.keys()]).toEqual(['long'])
    expect(plan.whole).toBe(10_100)
    expect(plan.wall).toBeLessThan(0.35 * plan.whole)
  })

  test('splits two files of which neither alone bounds the run', () => {
    const files = [file('one', 10_100), file('other', 10_100), ...small]
    const candidates = new Map([
      ['one', waits(100, 100)],
      ['other', waits(100, 100)],
    ])
    expect([...planSplits({ resources: {}, files }, candidates, options).cuts.keys()]).toEqual([
      'one',
      'other',
    ])
  })

  test('leaves a file whole of which one test is most', () => {
    const long = { tests: [9_000, 100, 100], overhead: 100 }
    const files = [file('long', 9_300), ...small]
    expect(planSplits({ resources: {}, files }, new Map([['long', long]]), options).cuts.size).toBe(0)
  })

  test('leaves a file whole whose hooks take most of its time', () => {
    const files = [file('long', 10_000), ...small]
    const plan = planSplits({ resources: {}, files }, new Map([['long', waits(10, 20, 9_800)]]), options)
    expect(plan.cuts.size).toBe(0)
  })

  test('leaves a file whole whose parts would wait for one instance', () => {
    const files = [file('long', 10_100, 'one'), ...small]
    const resources = { one: { instances: 1 } }
    const plan = planSplits({ resources, files }, new Map([['long', waits(100, 100)]]), options)
    expect(plan.cuts.size).toBe(0)
  })

  test('leaves a file whole that computes on all cores', () => {
    const files = [file('long', 10_100)]
    const busy = { ...waits(100, 100), cpu: 10_000 * 2 }
    expect(planSplits({ resources: {}, files }, new Map([['long', busy]]), options).cuts.size).toBe(0)
  })

  test('leaves files whole where the run is as short as it can be without', () => {
    const files = Array.from({ length: 16 }, (_, index) => file(`file ${index}`, 1_000))
    const candidates = new Map(files.map(({ id }) => [id, waits(9, 100)]))
    expect(planSplits({ resources: {}, files }, candidates, options).cuts.size).toBe(0)
  })

  test('makes as many parts as were asked for, whether it pays or not', () => {
    const files = [file('short', 200)]
    const plan = planSplits({ resources: {}, files }, new Map([['short', waits(6, 10)]]), {
      ...options,
      parts: 3,
    })
    expect(plan.cuts.get('short')).toEqual([0, 2, 4])
  })
})
