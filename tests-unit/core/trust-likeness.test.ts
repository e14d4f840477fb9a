import { groupByLikeness, likeness } from '@vitest-lanes/core'
import { describe, expect, test } from 'vitest'

describe('messages are alike', () => {
  test.each([
    ['numbers', 'expected 3 to be 1', 'expected 17 to be 1'],
    ['numbers with a sign, a point, an exponent', 'took -1.5 of 1e9 ms', 'took 20 of 3.25 ms'],
    ['numbers within names', 'Missing key for job 12', 'Missing key for job 9'],
    [
      'identifiers',
      'no user 1b4e28ba-2fa1-11d2-883f-0016d3cca427',
      'no user 6fa459ea-ee8a-3ca4-894e-db77e160355e',
    ],
    ['hashes', 'commit 7dd72a2 is gone', 'commit 42bc19f is gone'],
    ['generated names', 'queue jobs_kx81pq0zz2 is full', 'queue jobs_9ah2wwe01c is full'],
    ['addresses in memory', 'at 0x7ffde4', 'at 0x1c'],
    ['times', 'since 2026-01-02T03:04:05.678Z', 'since 2025-12-31T23:59:59Z'],
    ['paths', 'no such file /tmp/a b1/x.json:1:2', 'no such file /tmp/a b7/x.json:9:1'],
    ['addresses', 'connect ECONNREFUSED 127.0.0.1:6379', 'connect ECONNREFUSED 127.0.0.1:41233'],
    ['colours', '\u001B[31mno\u001B[39m', 'no'],
    ['spaces', 'a\n  b', 'a b'],
  ])('that differ in %s', (_, a, b) => {
    expect(likeness(a)).toBe(likeness(b))
  })

  test.each([
    ['words', 'expected 1 to be 2', 'expected 1 to equal 2'],
    ['names', 'relation "users" does not exist', 'relation "orders" does not exist'],
    ['long words', 'authentication failed', 'authorization failed'],
  ])('but not that differ in %s', (_, a, b) => {
    expect(likeness(a)).not.toBe(likeness(b))
  })
})

test('groups keep the first message as it came, the largest group first', () => {
  const groups = groupByLikeness(['a 1', 'b 1', 'b 2', 'b 3', 'a 2'], (text) => text)

  expect(groups).toEqual([
    { likeness: 'b <n>', example: 'b 1', items: ['b 1', 'b 2', 'b 3'] },
    { likeness: 'a <n>', example: 'a 1', items: ['a 1', 'a 2'] },
  ])
})
