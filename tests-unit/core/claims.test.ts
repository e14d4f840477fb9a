import { mergeClaims, nearest, parseClaim } from '@vitest-lanes/core'
import { describe, expect, test } from 'vitest'

describe('a claim is read', () => {
  test.each([
    ['redis', 'redis', 'exclusive'],
    ['redis/exclusive', 'redis', 'exclusive'],
    ['redis/shared', 'redis', 'shared'],
    ['my-redis_2', 'my-redis_2', 'exclusive'],
  ])('%s', (text, resource, mode) => {
    expect(parseClaim(text)).toEqual({ resource, mode })
  })

  test.each(['', '/', '/shared', 'redis/', 'redis/shared/x', 'red is', 'redis:shared', 'redis/Shared'])(
    'but not `%s`',
    (text) => {
      expect(() => parseClaim(text)).toThrow(expect.objectContaining({ code: 'LANES_CLAIM_INVALID' }))
    },
  )

  test('and a misspelt mode gets the right one as a hint', () => {
    expect(() => parseClaim('redis/shraed')).toThrow('Did you mean `redis/shared`?')
  })

  test('and an error names the place', () => {
    expect(() => parseClaim('redis/x', '`files`')).toThrow(/in the claim `redis\/x` in `files`/)
  })
})

describe('claims are added up', () => {
  test('each resource once, in their order', () => {
    const merged = mergeClaims(['b', 'a/shared', 'b/exclusive', 'a/shared'].map((text) => parseClaim(text)))
    expect(merged).toEqual([parseClaim('b'), parseClaim('a/shared')])
  })

  test('but not in both modes', () => {
    expect(() => mergeClaims([parseClaim('a'), parseClaim('a/shared')], '`x.test.ts`')).toThrow(
      expect.objectContaining({
        code: 'LANES_CLAIM_BOTH_MODES',
        message: expect.stringContaining('`x.test.ts` claims `a`'),
      }),
    )
  })
})

describe('the nearest name is', () => {
  test.each([
    ['redsi', 'redis'],
    ['postgre', 'postgres'],
    ['Postgres', 'postgres'],
    ['postgers', 'postgres'],
    ['sequental', 'sequential'],
    ['kafka', undefined],
    ['r', undefined],
    ['', undefined],
  ])('of %s: %s', (name, expected) => {
    expect(nearest(name, ['redis', 'postgres', 'sequential', 'alone'])).toBe(expected)
  })

  test('the first of two that are as near', () => {
    expect(nearest('cat', ['bat', 'hat'])).toBe('bat')
  })
})
