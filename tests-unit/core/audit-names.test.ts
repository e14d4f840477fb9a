import { generalise, type Use } from '@vitest-lanes/core'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { namesMeet } from '../../packages/core/dist/audit/patterns.js'

const key = (name: string, mode: Use['mode'] = 'write'): Use => ({ kind: 'key', name, mode })
const namesOf = (names: readonly string[], isWritten?: (text: string) => boolean) =>
  generalise(
    names.map((name) => key(name)),
    isWritten,
  ).map(({ name }) => name)

const both = (kind: string) => [
  { kind, name: 'mails', mode: 'read' as const },
  { kind, name: 'mails', mode: 'write' as const },
]

describe('ids in names', () => {
  test.each([
    ['user:7', 'user:*'],
    ['user:7:cart:81', 'user:*:cart:*'],
    ['bull:mails:*', 'bull:mails:*'],
    ['session:9f1b7c52-0c1e-4e5a-9b7d-3c2f1a0e8d47', 'session:{random}'],
    ['lock:1763842001234', 'lock:{random}'],
    ['queue-9f1b7c520c1e4e5a:meta', 'queue-{random}:meta'],
    ['vl-9f1b7c520c1e4e5a-3:key', 'vl-{random}-*:key'],
    ['cache:V1StGXR8Z5jd', 'cache:{random}'],
    ['report:v2:sha256sum', 'report:v2:sha256sum'],
    ['settings', 'settings'],
  ])('%s becomes %s', (name, expected) => {
    expect(namesOf([name])).toEqual([expected])
  })

  test('ids that somebody has written by hand, or that stand in the code, stay', () => {
    const written = '9f1b7c52-0c1e-4e5a-9b7d-3c2f1a0e8d47'
    expect(namesOf(['tenant:00000000-0000-4000-8000-000000000001'])).toEqual([
      'tenant:00000000-0000-4000-8000-000000000001',
    ])
    expect(namesOf([`tenant:${written}`], (text) => text === written)).toEqual([`tenant:${written}`])
  })

  test('many names that differ at their end are one, few stay apart', () => {
    const letters = ['ada', 'bob', 'cy', 'dan', 'eve', 'fay', 'gus', 'hal', 'ivy']
    expect(namesOf(letters.map((letter) => `tenant:${letter}`))).toEqual(['tenant:*'])
    expect(namesOf(['tenant:ada', 'tenant:bob'])).toEqual(['tenant:ada', 'tenant:bob'])
  })

  test('what is written is not told as read as well, except for channels, where these are two things', () => {
    expect(generalise(both('key'))).toEqual([{ kind: 'key', name: 'mails', mode: 'write' }])
    expect(generalise(both('channel'))).toHaveLength(2)
  })

  test('numbers of locks and ports are no ids', () => {
    const uses: Use[] = [
      { kind: 'lock', name: '42', mode: 'write' },
      { kind: 'port', name: '4010', mode: 'write' },
    ]
    expect(generalise(uses)).toEqual(uses)
  })

  test('the same uses give the same footprint, in whatever order they were seen', () => {
    const name = fc.stringMatching(/^[a-c]{1,2}(?::(?:[a-c]|\d{1,3})){0,2}$/)
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 20 }), (names) => {
        expect(namesOf(names.toReversed())).toEqual(namesOf(names))
      }),
    )
  })
})

const asRegExp = (text: string) => new RegExp(`^${text.replaceAll('*', '.*')}$`)

describe('two names meet', () => {
  test.each([
    ['user:*', 'user:*', true],
    ['user:*', 'user:*:cart', true],
    ['user:*', 'order:*', false],
    ['bull:mails:*', 'bull:mails:meta', true],
    ['bull:mails:*', 'bull:letters:*', false],
    ['*', 'anything at all', true],
    ['q-{random}', 'q-{random}', false],
    ['q-{random}:*', 'q-{random}:meta', false],
    ['q-*', 'q-{random}', true],
    ['q-{random}', 'q-mails', false],
    ['settings', 'settings', true],
    ['settings', 'setting', false],
  ])('%s and %s: %s', (one, other, expected) => {
    expect(namesMeet(one, other)).toBe(expected)
    expect(namesMeet(other, one)).toBe(expected)
  })

  test('exactly if there is a text that both stand for', () => {
    const pattern = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 5 }).map((parts) => parts.join(''))
    const texts = textsOf(10)
    fc.assert(
      fc.property(pattern, pattern, (one, other) => {
        const [a, b] = [asRegExp(one), asRegExp(other)]
        expect(namesMeet(one, other)).toBe(texts.some((text) => a.test(text) && b.test(text)))
      }),
    )
  })
})

/** All texts of `a` and `b` up to a length: longer ones tell nothing new of patterns with five parts. */
function textsOf(length: number): string[] {
  const found = ['']
  for (const text of found) if (text.length < length) found.push(`${text}a`, `${text}b`)
  return found
}
