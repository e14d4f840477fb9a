import { Gate } from '@vitest-lanes/core'
import type { GateOptions, ReachedPoint } from '@vitest-lanes/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const names = (gate: Gate, idle = false): string[] => gate.open(idle).map(({ file }) => file)

function gateOf(files: readonly string[], options: Partial<GateOptions> = {}): Gate {
  const gate = new Gate({ files, lanes: 2, ...options })
  for (const file of files) gate.hold(file)
  return gate
}

describe('a gate', () => {
  test('lets everything through that waits for nothing, in the order that was asked for', () => {
    const gate = gateOf(['a', 'b', 'c'], { order: ['c', 'a', 'b'] })
    expect(names(gate)).toEqual(['c', 'a', 'b'])
    expect(names(gate)).toEqual([])
  })

  test('holds a file back until another has come so far', () => {
    const gate = gateOf(['a', 'b'], { after: { b: [{ file: 'a', point: 'collected' }] } })
    expect(names(gate)).toEqual(['a'])
    gate.reached('a', 'admitted')
    gate.reached('a', 'started')
    expect(names(gate)).toEqual([])
    gate.reached('a', 'collected')
    expect(names(gate)).toEqual(['b'])
  })

  test('takes a file that has ended for one that has come all the way', () => {
    const gate = gateOf(['a', 'b'], { after: { b: [{ file: 'a', point: 'collected' }] } })
    names(gate)
    gate.reached('a', 'finished')
    expect(names(gate)).toEqual(['b'])
  })

  test('does not wait for a file that is not there, that has left, or for the file itself', () => {
    const after = {
      b: [
        { file: 'gone', point: 'finished' },
        { file: 'b', point: 'finished' },
      ],
      c: [{ file: 'a', point: 'finished' }],
    } as const
    const gate = gateOf(['a', 'b', 'c'], { after })
    expect(names(gate)).toEqual(['a', 'b'])
    gate.left('a')
    expect(names(gate)).toEqual(['c'])
  })

  test('tells how long a file is to wait after that', () => {
    expect(gateOf(['a'], { wait: { a: 70 } }).open(false)).toEqual([{ file: 'a', wait: 70 }])
  })

  test('holds a file back until its lane is free, and gives others none that is meant for it', () => {
    const gate = gateOf(['a', 'b', 'c'], { lane: { a: 1, b: 1 } })
    expect(names(gate)).toEqual(['a', 'c'])
    expect([gate.enter('c'), gate.enter('a')]).toEqual([2, 1])
    gate.reached('a', 'finished')
    expect(names(gate)).toEqual(['b'])
    expect(gate.enter('b')).toBe(1)
  })

  test('takes a lane that there is not for any', () => {
    const gate = gateOf(['a'], { lane: { a: 9 } })
    expect(names(gate)).toEqual(['a'])
    expect(gate.enter('a')).toBe(1)
  })

  test('lets one of those through that wait for each other, when nothing else runs', () => {
    const after = {
      a: [{ file: 'b', point: 'finished' }],
      b: [{ file: 'a', point: 'finished' }],
    } as const
    const gate = gateOf(['a', 'b'], { after, order: ['b', 'a'] })
    expect(names(gate)).toEqual([])
    expect(names(gate, true)).toEqual(['b'])
  })
})

const FILES = ['a', 'b', 'c', 'd', 'e', 'f']
const file = fc.constantFrom(...FILES)
const point = fc.record({
  file,
  point: fc.constantFrom('admitted', 'started', 'collected', 'finished', 'cleaned'),
}) satisfies fc.Arbitrary<ReachedPoint>

test('whatever they wait for, all files get through, each once, and no two have one lane', () => {
  fc.assert(
    fc.property(
      fc.dictionary(file, fc.array(point, { maxLength: 4 })),
      fc.dictionary(file, fc.integer({ min: 1, max: 3 })),
      fc.infiniteStream(fc.nat()),
      (after, lane, picks) => {
        const gate = gateOf(FILES, { after, lane, lanes: 3 })
        const passed: string[] = []
        const running = new Map<string, number>()
        while (passed.length < FILES.length || running.size > 0) {
          const free = 3 - running.size
          for (const { file: next } of free > 0 ? gate.open(running.size === 0) : []) {
            passed.push(next)
            running.set(next, gate.enter(next))
          }
          expect(new Set(running.values()).size).toBe(running.size)
          const [pick = 0] = picks
          const ends = [...running.keys()][pick % running.size]
          if (ends === undefined) break
          gate.reached(ends, 'cleaned')
          running.delete(ends)
        }
        expect(passed.toSorted()).toEqual(FILES)
      },
    ),
  )
})
