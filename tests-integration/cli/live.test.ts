import { describe, expect, test } from 'vitest'
import { createLook, createStatusLine } from '../../packages/vitest-lanes/src/live.ts'

/** Looks at these moments (s), with this contention at each. */
function looksAt(
  moments: readonly number[],
  contentionAt: (time: number) => { resource: string; waiting: number; holders: string[] }[],
): string[] {
  const said: string[] = []
  let time = 0
  const look = createLook({
    contention: () => contentionAt(time),
    say: (line) => said.push(`${time}: ${line}`),
    now: () => 1000 * time,
  })
  for (time of moments) look()
  return said
}

const seconds = (last: number) => Array.from({ length: last / 5 + 1 }, (_, index) => 5 * index)

describe('while it runs', () => {
  test('a holder that keeps others waiting is named after 30 s, and each time that it has doubled', () => {
    const stripe = { resource: 'stripe', waiting: 3, holders: ['billing/refund.test.ts'] }
    expect(looksAt(seconds(130), () => [stripe])).toEqual([
      '30: 3 files wait for stripe, held by billing/refund.test.ts for 30.0 s',
      '60: 3 files wait for stripe, held by billing/refund.test.ts for 60.0 s',
      '120: 3 files wait for stripe, held by billing/refund.test.ts for 120 s',
    ])
  })

  test('holders that come and go are not named', () => {
    expect(
      looksAt(seconds(200), (time) => [
        { resource: 'stripe', waiting: 1, holders: [`file-${Math.floor(time / 20)}`] },
      ]),
    ).toEqual([])
  })

  test('of several holders the longest is named', () => {
    expect(
      looksAt(seconds(35), (time) => [
        { resource: 'llm', waiting: 1, holders: time < 10 ? ['a'] : ['b', 'a'] },
      ]),
    ).toEqual(['30: 1 file waits for llm, held by a for 30.0 s'])
  })
})

describe('the line above the summary', () => {
  const status = {
    lanes: 6,
    busy: 5,
    waiting: 12,
    contention: [
      { resource: 'stripe', waiting: 3, holders: ['billing/refund.test.ts'] },
      { resource: 'llm', waiting: 1, holders: ['search/later.test.ts'] },
    ],
  }

  /** Drawn at these moments (s), the second resource being waited for from 5 s on. */
  function drawnAt(moments: readonly number[], columns = 200): string {
    let time = 0
    const line = createStatusLine(
      () => ({ ...status, contention: status.contention.slice(0, time < 5 ? 1 : 2) }),
      () => columns,
      () => 1000 * time,
    )
    return moments
      .map((moment) => {
        time = moment
        return line()
      })
      .at(-1)!
  }

  test('says what is busy, what waits, and who has kept others waiting longest', () => {
    expect(drawnAt([0])).toBe('5 of 6 lanes busy · 12 waiting')
    expect(drawnAt([0, 5, 12])).toBe(
      '5 of 6 lanes busy · 12 waiting · 3 files wait for stripe, held by billing/refund.test.ts for 12 s',
    )
  })

  test.each([
    [90, '3 files wait for stripe, held by billing/refund.test.ts for 12 s'],
    [60, '3 files wait for stripe, held by …ng/refund.test.ts for 12 s'],
    [40, '3 files wait for stripe'],
  ])('fits into %i columns', (columns, line) => {
    expect(drawnAt([0, 12], columns)).toBe(line)
  })

  test('looks at most twice a second', () => {
    const times = [0, 0.1, 0.4, 0.6, 0.9, 1.2]
    let looks = 0
    let time = 0
    const line = createStatusLine(
      () => {
        looks++
        return status
      },
      () => 80,
      () => 1000 * time,
    )
    for (time of times) line()
    expect(looks).toBe(3)
  })
})
