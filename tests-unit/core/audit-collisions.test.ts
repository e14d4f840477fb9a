import {
  byDirectory,
  collisions,
  commonGround,
  leastClaims,
  meetingText,
  outgrown,
  parseFootprints,
  type Claim,
  type Footprint,
  type Use,
} from '@vitest-lanes/core'
import { describe, expect, test } from 'vitest'

const REDIS: Claim = { resource: 'redis', mode: 'exclusive' }
const WATCHED = new Set(['redis', 'postgres'])

/** `write key a`, `all server FLUSHALL`. */
function uses(...texts: readonly string[]): Use[] {
  return texts.map((text) => {
    const [mode = '', kind = '', ...name] = text.split(' ')
    return { kind, name: name.join(' '), mode: mode as Use['mode'] }
  })
}

function footprint(file: string, redis: readonly string[], more: Partial<Footprint> = {}): Footprint {
  return {
    file,
    project: '',
    outcome: 'passed',
    claims: [REDIS],
    resources: redis.length === 0 ? {} : { redis: uses(...redis) },
    machine: [],
    unseen: [],
    ...more,
  }
}

function met(one: readonly string[], other: readonly string[]): string[] {
  return commonGround(footprint('a', one), footprint('b', other)).map(meetingText)
}

describe('two files', () => {
  test.each([
    ['write key a', 'write key a', ['both write a']],
    ['write key a', 'read key a', ['the second reads a, which the other writes']],
    ['read key a', 'read key a', []],
    ['write key a', 'write key b', []],
    ['write key user:*', 'write key user:*', ['both write user:*']],
    ['write queue bull:mails', 'write queue bull:mails', ['both write queue bull:mails']],
    ['write table public.jobs', 'write queue public.jobs', []],
    ['all server FLUSHALL', 'read key a', ['FLUSHALL acts on the whole server']],
    ['any server KEYS *', 'write key a', ['KEYS * acts on the whole server']],
    ['any server KEYS *', 'read key a', []],
    ['any server KEYS *', 'any server DBSIZE', []],
    ['write channel news', 'write channel news', []],
    ['write channel news', 'read channel news', ['the second reads channel news, which the other sends to']],
    [
      'read script 0a1b',
      'write script *',
      ['the first reads script 0a1b and script *, which the other writes'],
    ],
    ['read lock 7', 'write lock 7', ['the first reads lock 7, which the other writes']],
    ['read variable REDIS_URL', 'all server FLUSHALL', []],
  ])('one with %s and one with %s', (one, other, expected) => {
    expect(met([one], [other])).toEqual(expected)
    expect(met([other], [one])).toHaveLength(expected.length)
  })

  test('a command on the whole server is told once, before what else they meet on', () => {
    expect(met(['all server FLUSHALL', 'write key a', 'write key b'], ['read key b', 'write key c'])).toEqual(
      ['FLUSHALL acts on the whole server', 'the second reads b, which the other writes'],
    )
  })

  test('meet on the machine whatever instances they have', () => {
    const one = footprint('a', [], { machine: uses('write port 4010') })
    const other = footprint('b', [], { machine: uses('write port 4010', 'read variable API_URL') })
    expect(commonGround(one, other)).toMatchObject([{ resource: 'machine', how: 'write' }])
  })

  test('meet on each resource by its own name only', () => {
    const one = footprint('a', ['write key a'])
    const other = footprint('b', [], { resources: { cache: uses('write key a') } })
    expect(commonGround(one, other)).toEqual([])
  })
})

const SUITE = [
  footprint('tests/mails/a.test.ts', ['write queue bull:mails']),
  footprint('tests/mails/b.test.ts', ['write queue bull:mails']),
  footprint('tests/read/c.test.ts', ['read key settings']),
  footprint('tests/read/d.test.ts', ['read key settings']),
  footprint('tests/plain/e.test.ts', []),
]

test('pairs of files that collide are told, and counted by directory', () => {
  const found = collisions(SUITE)
  expect(found.map(({ files }) => files)).toEqual([['tests/mails/a.test.ts', 'tests/mails/b.test.ts']])
  expect(byDirectory(SUITE, found)).toEqual([
    { directories: ['tests/mails', 'tests/mails'], pairs: 1, colliding: 1, resources: ['redis'] },
    { directories: ['tests/mails', 'tests/plain'], pairs: 2, colliding: 0, resources: [] },
    { directories: ['tests/mails', 'tests/read'], pairs: 4, colliding: 0, resources: [] },
    { directories: ['tests/plain', 'tests/read'], pairs: 2, colliding: 0, resources: [] },
    { directories: ['tests/read', 'tests/read'], pairs: 1, colliding: 0, resources: [] },
  ])
})

const claimsOf = (files: readonly Footprint[], watched: ReadonlySet<string> = WATCHED) =>
  leastClaims(files, watched).map(({ directory, claims }) => [
    directory,
    claims.map(({ resource, mode, because }) => `${resource}/${mode}: ${because}`),
  ])

describe('the least that a directory must claim', () => {
  test('is exclusive where a file writes, shared where all of them read, nothing where none looks', () => {
    expect(claimsOf(SUITE)).toEqual([
      ['tests/mails', ['redis/exclusive: writes queue bull:mails (2 of 2 files)']],
      ['tests/plain', []],
      ['tests/read', ['redis/shared: only reads settings']],
    ])
  })

  test('is exclusive where a file only listens: it would hear what others send', () => {
    expect(claimsOf([footprint('a.test.ts', ['read channel news'])])).toEqual([
      ['', ['redis/exclusive: writes channel news']],
    ])
  })

  test('is a turn where files meet on what no instance keeps apart', () => {
    const server = { machine: uses('write port 4010') }
    const files = [footprint('a/a.test.ts', [], server), footprint('b/b.test.ts', [], server)]
    expect(claimsOf(files)).toEqual([
      ['a', ['sequential/exclusive: listens on port 4010, as b/b.test.ts does']],
      ['b', ['sequential/exclusive: listens on port 4010, as a/a.test.ts does']],
    ])
  })

  test('keeps the claims of what cannot be watched, and all of them where a file failed', () => {
    const stripe: Claim = { resource: 'stripe', mode: 'exclusive' }
    expect(claimsOf([footprint('a.test.ts', [], { claims: [REDIS, stripe] })])).toEqual([
      ['', ['stripe/exclusive: kept, since its use cannot be watched']],
    ])
    expect(claimsOf([footprint('a.test.ts', [], { claims: [REDIS, stripe], outcome: 'failed' })])).toEqual([
      ['', ['redis/exclusive: kept, since a file failed', 'stripe/exclusive: kept, since a file failed']],
    ])
  })
})

const grown = (...files: readonly Footprint[]) =>
  outgrown(files).map(({ file, message }) => `${file} ${message}`)

const claiming = (claims: readonly Claim[], more: Partial<Footprint> = {}) =>
  footprint('a.test.ts', ['write key a'], { claims, ...more })

describe('a file has outgrown its claims', () => {
  test('where it uses what it does not claim, or writes what it shares', () => {
    expect(grown(claiming([]))).toEqual(['a.test.ts uses a and does not claim `redis`'])
    expect(grown(claiming([{ resource: 'redis', mode: 'shared' }]))).toEqual([
      'a.test.ts claims `redis/shared` and writes a',
    ])
  })

  test('not where it claims enough, or takes turns with all others', () => {
    expect(grown(claiming([REDIS]))).toEqual([])
    expect(grown(claiming([{ resource: 'sequential', mode: 'exclusive' }]))).toEqual([])
    expect(
      grown(footprint('a.test.ts', ['read key a'], { claims: [{ resource: 'redis', mode: 'shared' }] })),
    ).toEqual([])
  })

  test('where it listens on a port that another file listens on, unless both take turns', () => {
    const server = { machine: uses('write port 4010') }
    const turn: Claim[] = [{ resource: 'sequential', mode: 'exclusive' }]
    const [one, other] = [footprint('a.test.ts', [], server), footprint('b.test.ts', [], server)]
    expect(grown(one, other)).toEqual([
      'a.test.ts listens on port 4010, as b.test.ts does, and both may run at once',
    ])
    expect(grown({ ...one, claims: turn }, { ...other, claims: turn })).toEqual([])
    expect(grown({ ...one, claims: turn }, other)).toHaveLength(1)
  })
})

test('footprints of another version are refused', () => {
  expect(parseFootprints('{"version":1,"files":[]}', 'here').files).toEqual([])
  expect(() => parseFootprints('{"version":2,"files":[]}', 'here')).toThrow(/LANES_FOOTPRINTS/)
  expect(() => parseFootprints('nothing', 'here')).toThrow(/got something else/)
})
