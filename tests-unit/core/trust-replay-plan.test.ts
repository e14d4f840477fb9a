import { fileKey, matchReplay, overlapsOf, replayPlan, shuffle, verify } from '@vitest-lanes/core'
import type { RunRecord } from '@vitest-lanes/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recordedRun, repeatedRun } from './trust-simulated.ts'

const run = fc.integer({ min: 1, max: 1_000_000 }).map(recordedRun)
const few = { numRuns: 25 }

describe('the repeat of a simulated run', () => {
  test('has the same overlaps, lanes and turns where its files take as long as they did', () => {
    fc.assert(
      fc.property(run, (recorded) => {
        const { files, overlaps, sameLane, sameTurn } = matchReplay(recorded, repeatedRun(recorded))
        expect({ files, sameLane, sameTurn }).toEqual({
          files: recorded.files.length,
          sameLane: files,
          sameTurn: files,
        })
        expect(overlaps).toEqual({
          recorded: overlapsOf(recorded).length,
          repeated: overlaps.recorded,
          missing: [],
          added: 0,
        })
      }),
      few,
    )
  })

  test('keeps apart what was apart, and the order, however long its files take', () => {
    fc.assert(
      fc.property(run, fc.integer(), (recorded, seed) => {
        const stretches = shuffle(
          recorded.files.map((_, index) => 0.3 + (3 * index) / recorded.files.length),
          seed,
        )
        const byFile = new Map(recorded.files.map((file, index) => [file, stretches[index]!]))
        const repeated = repeatedRun(recorded, replayPlan(recorded), (file) => byFile.get(file)!)

        expect(repeated.files.map(fileKey)).toEqual(replayPlan(recorded).order)
        expect(newOverlaps(recorded, repeated)).toEqual([])
        expect(verify({ ...repeated, files: withoutClaims(repeated) })).toEqual([])
      }),
      few,
    )
  })

  test('keeps apart what was apart where half of its files are no longer there', () => {
    fc.assert(
      fc.property(run, fc.integer(), (recorded, seed) => {
        const kept = new Set(shuffle(recorded.files.map(fileKey), seed).slice(recorded.files.length / 2))
        const repeated = repeatedRun(
          recorded,
          replayPlan(recorded, (key) => kept.has(key)),
        )

        expect(repeated.files.map(fileKey).toSorted()).toEqual([...kept].toSorted())
        expect(newOverlaps(recorded, repeated)).toEqual([])
      }),
      few,
    )
  })
})

describe('what a file waits for', () => {
  test('was admitted before it: there are no cycles', () => {
    fc.assert(
      fc.property(run, (recorded) => {
        const { order, after } = replayPlan(recorded)
        const turn = new Map(order.map((key, index) => [key, index]))
        for (const [key, points] of Object.entries(after))
          for (const { file } of points) expect(turn.get(file)!).toBeLessThan(turn.get(key)!)
      }),
      few,
    )
  })

  test('grows with the number of files, not with its square', () => {
    const recorded = recordedRun(3)
    const points = Object.values(replayPlan(recorded).after).flat()
    expect(points.length).toBeLessThanOrEqual(5 * recorded.files.length)
  })

  test('is the last point that another had reached', () => {
    const [a, b] = recordedRun(1).files
    const recorded = {
      lanes: 2,
      files: [
        { ...a!, file: 'a', times: { queued: 0, admitted: 0, started: 10, collected: 20, finished: 90 } },
        { ...b!, file: 'b', times: { queued: 0, admitted: 25, finished: 80 } },
      ],
    }
    expect(replayPlan(recorded).after).toEqual({ b: [{ file: 'a', point: 'collected' }] })
  })

  test('is followed by a pause where nothing that is known made it wait', () => {
    const [a, b] = recordedRun(1).files
    const recorded = {
      lanes: 2,
      files: [
        { ...a!, file: 'a', times: { queued: 0, admitted: 0, started: 10, finished: 900 } },
        { ...b!, file: 'b', times: { queued: 0, admitted: 510, finished: 800 } },
      ],
    }
    expect(replayPlan(recorded).wait).toEqual({ b: 500 })
  })

  test('leaves out what never ran', () => {
    const recorded = recordedRun(1)
    const files = recorded.files.map((file, index) =>
      index === 0 ? { ...file, outcome: 'cancelled' as const, times: { queued: 0 } } : file,
    )
    expect(replayPlan({ ...recorded, files }).order).not.toContain(fileKey(files[0]!))
  })
})

function newOverlaps(recorded: RunRecord, repeated: RunRecord): unknown[] {
  const before = new Set(overlapsOf(recorded).map(String))
  return overlapsOf(repeated).filter((pair) => !before.has(String(pair)))
}

function withoutClaims({ files }: RunRecord): RunRecord['files'] {
  return files.map((file) => ({ ...file, claims: [] }))
}
