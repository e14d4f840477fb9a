import type { RunRecord } from '@vitest-lanes/core'
import { traceReport } from '@vitest-lanes/report'
import { describe, expect, test } from 'vitest'
import { FULL } from './support/full.ts'
import { recordOf } from './support/record.ts'
import { simulatedRecord } from './support/simulated.ts'

interface Event {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  readonly ts?: number
  readonly dur?: number
  readonly cat?: string
  readonly id?: string
  readonly args: Readonly<Record<string, unknown>>
}

function eventsOf(record: RunRecord): readonly Event[] {
  return (JSON.parse(traceReport(record)) as { traceEvents: readonly Event[] }).traceEvents
}

describe('the trace', () => {
  const traceEvents = eventsOf(FULL)
  const spans = traceEvents.filter(({ ph }) => ph === 'X')

  test('has a track for each lane and each instance, by name', () => {
    const tracks = traceEvents.filter(({ name }) => name === 'thread_name')
    expect(tracks.map(({ pid, tid, args }) => [pid, tid, args['name']])).toEqual([
      [1, 1, 'lane 1'],
      [1, 2, 'lane 2'],
      [2, 1, 'postgres 1'],
      [2, 2, 'stripe 1'],
    ])
  })

  test('has each file in its lane, in microseconds, with its phases inside', () => {
    const lane = spans.filter(({ pid, tid }) => pid === 1 && tid === 1)
    expect(lane.map(({ name, ts, dur }) => [name, ts, dur])).toEqual([
      ['tests/a.test.ts', 0, 4_000_000],
      ['opening', 0, 100_000],
      ['starting', 100_000, 200_000],
      ['running', 300_000, 3_700_000],
      ['tests/c.test.ts', 4_500_000, 4_000_000],
      ['opening', 4_500_000, 100_000],
      ['starting', 4_600_000, 200_000],
      ['importing', 4_800_000, 400_000],
      ['running', 5_200_000, 3_300_000],
    ])
  })

  test('has holders that share an instance as asynchronous pairs', () => {
    const shared = traceEvents.filter(({ ph }) => ph === 'b' || ph === 'e')
    expect(shared.map(({ name, ph, ts }) => [name, ph, ts])).toEqual([
      ['tests/b.test.ts', 'b', 0],
      ['tests/b.test.ts', 'e', 3_200_000],
      ['tests/d.test.ts', 'b', 3_000_000],
      ['tests/d.test.ts', 'e', 9_900_000],
    ])
  })
})

// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
describe('the trace is in the Trace Event Format, as Perfetto reads it:', () => {
  describe.each([
    ['a small run', FULL],
    ['a run of a thousand files', simulatedRecord(1000, 8)],
    ['a run without files', recordOf()],
  ])('%s', (_, record) => {
    const all = eventsOf(record)
    const timed = all.filter(({ ph }) => ph !== 'M')
    const named = (kind: string): string[] =>
      all
        .filter(({ ph, name, args }) => ph === 'M' && name === kind && typeof args['name'] === 'string')
        .map(({ pid, tid }) => (kind === 'process_name' ? String(pid) : `${pid}/${tid}`))

    test('each event has a name, and whole numbers for its process and thread', () => {
      const wrong = all.filter(
        ({ name, ph, pid, tid }) =>
          typeof name !== 'string' ||
          !['M', 'X', 'b', 'e'].includes(ph) ||
          !Number.isInteger(pid) ||
          !Number.isInteger(tid),
      )
      expect(wrong).toEqual([])
    })

    test('each event but metadata has a time in microseconds, and complete ones alone a duration', () => {
      const wrong = timed.filter(
        ({ ph, ts, dur }) => !isMicro(ts) || (ph === 'X' ? !isMicro(dur) : dur !== undefined),
      )
      expect(wrong).toEqual([])
    })

    test('metadata names each process and thread that has events', () => {
      expect(named('process_name')).toEqual(
        expect.arrayContaining(unique(timed.map(({ pid }) => String(pid)))),
      )
      expect(named('thread_name')).toEqual(
        expect.arrayContaining(unique(timed.map(({ pid, tid }) => `${pid}/${tid}`))),
      )
    })

    test('complete events of one thread lie beside or within each other', () => {
      const open = new Map<string, number[]>()
      const spans = timed.filter(({ ph }) => ph === 'X').toSorted((a, b) => a.ts! - b.ts! || b.dur! - a.dur!)
      const crossing = spans.filter(({ pid, tid, ts, dur }) => {
        const ends = (open.get(`${pid}/${tid}`) ?? []).filter((end) => end > ts!)
        open.set(`${pid}/${tid}`, [...ends, ts! + dur!])
        return ends.some((end) => ts! + dur! > end)
      })
      expect(crossing).toEqual([])
    })

    test('each asynchronous event that begins ends once, not before, with the same category and id', () => {
      const begun = new Map<string, number>()
      const wrong = timed
        .filter(({ ph }) => ph !== 'X')
        .filter(({ name, ph, cat, id, ts }) => {
          const key = JSON.stringify([cat, id, name])
          const since = begun.get(key)
          if (ph === 'b') begun.set(key, ts!)
          else begun.delete(key)
          if (cat === undefined || id === undefined) return true
          return ph === 'b' ? since !== undefined : since === undefined || since > ts!
        })
      expect(wrong).toEqual([])
      expect([...begun]).toEqual([])
    })
  })
})

function isMicro(time: number | undefined): boolean {
  return Number.isSafeInteger(time) && time! >= 0
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}
