import { describe, expect, test } from 'vitest'
import { createLook } from '../../packages/vitest-lanes/src/live.ts'

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
