import { AutoLanes, type LanesUse, type MachineLoad } from '@vitest-lanes/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const GB = 2 ** 30
const LIMITS = { cores: 2, least: 2, most: 12, memoryPerFile: GB / 2 }
const IDLE: MachineLoad = { idle: 0.9, stalled: 0, freeMemory: 8 * GB }
const BUSY: MachineLoad = { idle: 0, stalled: 1, freeMemory: 8 * GB }

function full(lanes: number): LanesUse {
  return { lanes, busy: lanes, waiting: 100 }
}

/** How many lanes there are after so many looks, with files enough to fill them. */
function after(looks: number, start: number, load: (lanes: number) => MachineLoad): number {
  const auto = new AutoLanes(LIMITS)
  let lanes = start
  for (let look = 0; look < looks; look++) lanes = auto.next(full(lanes), load(lanes))
  return lanes
}

/** Files of which each takes a fifth of a core. */
function mostlyWaiting(lanes: number): MachineLoad {
  return { ...IDLE, idle: Math.max(0, 1 - lanes / 10), stalled: lanes / 20 }
}

describe('lanes that follow the load', () => {
  test('become more while the machine idles, up to the most that there may be', () => {
    expect(after(1, 4, () => IDLE)).toBe(6)
    expect(after(20, 4, () => IDLE)).toBe(12)
  })

  test('become fewer while files wait for a core, down to the cores', () => {
    expect(after(5, 4, () => BUSY)).toBe(4)
    expect(after(6, 4, () => BUSY)).toBe(3)
    expect(after(50, 4, () => BUSY)).toBe(2)
  })

  test('settle where files that mostly wait use what there is', () => {
    expect(after(20, 2, mostlyWaiting)).toBe(9)
    expect(after(40, 2, mostlyWaiting)).toBe(9)
  })

  test('stay where nobody waits, or where some are free', () => {
    const auto = new AutoLanes(LIMITS)
    expect(auto.next({ lanes: 4, busy: 4, waiting: 0 }, IDLE)).toBe(4)
    expect(auto.next({ lanes: 4, busy: 3, waiting: 9 }, IDLE)).toBe(4)
  })

  test('leave memory free, and become fewer when there is none', () => {
    expect(after(20, 4, (lanes) => ({ ...IDLE, freeMemory: 4 * GB - (lanes * GB) / 2 }))).toBe(7)
    expect(after(20, 4, () => ({ ...IDLE, freeMemory: GB / 4 }))).toBe(2)
  })

  test('are never fewer than the least, nor more than the most, whatever the load', () => {
    const part = fc.double({ min: 0, max: 1, noNaN: true })
    const load = fc.record({
      idle: part,
      stalled: fc.option(part, { nil: undefined }),
      freeMemory: fc.double({ min: 0, max: 64 * GB, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(load), (loads) => {
        const auto = new AutoLanes(LIMITS)
        let lanes = 4
        for (const each of loads) {
          lanes = auto.next(full(lanes), each)
          expect(lanes).toBeGreaterThanOrEqual(LIMITS.least)
          expect(lanes).toBeLessThanOrEqual(LIMITS.most)
        }
      }),
    )
  })
})
