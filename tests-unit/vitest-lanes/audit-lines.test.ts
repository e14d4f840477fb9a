import type { Claim, DirectoryClaims, Footprint } from '@vitest-lanes/core'
import { describe, expect, test } from 'vitest'
import { linesFor, proposeLines } from '../../packages/vitest-lanes/dist/cli/audit/propose.js'

const REDIS: Claim = { resource: 'redis', mode: 'exclusive' }
const SHARED: Claim = { resource: 'postgres', mode: 'shared' }
const TURN: Claim = { resource: 'sequential', mode: 'exclusive' }

const config = (
  options: string,
  name = 'lanes',
) => `import { lanes${name === 'lanes' ? '' : ` as ${name}`} } from 'vitest-lanes'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [
    ${name}(${options}),
  ],
})
`
const line = (glob: string, ...claims: string[]) => ({ glob, claims, because: [`${claims[0]}: writes a`] })

function footprint(file: string, claims: readonly Claim[]): Footprint {
  return { file, project: '', outcome: 'passed', claims, resources: {}, machine: [], unseen: [] }
}

function directory(path: string, ...claims: readonly Claim[]): DirectoryClaims {
  return { directory: path, files: 1, claims: claims.map((claim) => ({ ...claim, because: 'writes a' })) }
}

const globs = (least: readonly DirectoryClaims[], files: readonly Footprint[]) =>
  linesFor(least, files).map(({ glob, claims }) => [glob, claims])

describe('lines are proposed', () => {
  test('where a directory claims something else than the least, and nowhere else', () => {
    expect(
      globs(
        [directory('a', REDIS), directory('b', SHARED), directory('c')],
        [
          footprint('a/1.test.ts', [TURN]),
          footprint('b/2.test.ts', [SHARED]),
          footprint('c/3.test.ts', [TURN]),
        ],
      ),
    ).toEqual([
      ['a/**', ['redis']],
      ['c/**', []],
    ])
  })

  test('not for a directory within one that gets the same line, but for one that would lose what it has', () => {
    expect(
      globs(
        [directory('a', REDIS), directory('a/same', REDIS), directory('a/other', SHARED)],
        [
          footprint('a/1.test.ts', [TURN]),
          footprint('a/same/2.test.ts', [TURN]),
          footprint('a/other/3.test.ts', [SHARED]),
        ],
      ),
    ).toEqual([
      ['a/**', ['redis']],
      ['a/other/**', ['postgres/shared']],
    ])
  })
})

const change = (options: string, ...lines: ReturnType<typeof line>[]) => proposeLines(config(options), lines)

describe('a configuration', () => {
  test('gets a line behind those that are there, with its reason, and keeps its comments', () => {
    const proposal = change(
      `{
      files: {
        'tests/**': ['sequential'], // for now
      },
    }`,
      line('tests/a/**', 'redis'),
      line('tests/b/**', 'redis', 'postgres/shared'),
    )
    expect(proposal?.source).toContain(`
        'tests/**': ['sequential'], // for now
        // redis: writes a
        'tests/a/**': ['redis'],
        // redis: writes a
        'tests/b/**': ['redis', 'postgres/shared'],
      },`)
    expect(proposal?.claimsOf('tests/a/1.test.ts')).toEqual(['redis'])
    expect(proposal?.claimsOf('tests/1.test.ts')).toEqual(['sequential'])
  })

  test('keeps lines about something below a new one winning over it', () => {
    const proposal = change(
      `{
      files: {
        'tests/a/slow/**': ['sequential'],
        'tests/billing/**': ['stripe'],
      },
    }`,
      line('tests/a/**', 'redis'),
    )
    expect(proposal?.claimsOf('tests/a/slow/1.test.ts')).toEqual(['sequential'])
    expect(proposal?.claimsOf('tests/a/1.test.ts')).toEqual(['redis'])
  })

  test('has a line of the same glob replaced, with the reasons that an earlier audit gave', () => {
    const proposal = change(
      `{
      files: {
        // Ours.
        // redis: writes b
        './tests/a/**': ['redis'],
        'tests/b/**': []
      },
    }`,
      { glob: 'tests/a/**', claims: ['postgres/shared'], because: ['postgres: only reads a'] },
    )
    expect(proposal?.source).toContain(`
        // Ours.
        // postgres: only reads a
        'tests/a/**': ['postgres/shared'],
        'tests/b/**': []
`)
  })

  test.each([
    ['{ resources: {} }', undefined],
    ['{}', undefined],
    ["{ files: { 'tests/**': ['sequential'] } }", ['sequential']],
    ['{ files: {} }', undefined],
    ["{ files: { 'tests/a/b/**': [] } }", undefined],
  ])('may be written as %s', (options, elsewhere) => {
    const proposal = change(options, line('tests/a/**', 'redis'))
    expect(proposal?.claimsOf('tests/a/1.test.ts')).toEqual(['redis'])
    expect(proposal?.claimsOf('tests/1.test.ts')).toEqual(elsewhere ?? [])
  })

  test('may import the plugin under another name', () => {
    const source = config("{ files: { 'tests/**': [] } }", 'inLanes')
    expect(proposeLines(source, [line('tests/a/**', 'redis')])?.claimsOf('tests/a/1.ts')).toEqual(['redis'])
  })

  test.each([
    'options',
    '{ files }',
    '{ files: { ...others } }',
    '{ files: { [glob]: [] } }',
    '{ files: {} }), lanes({}',
  ])('that says %s is left alone', (options) => {
    expect(change(options, line('tests/a/**', 'redis'))).toBeUndefined()
  })
})
