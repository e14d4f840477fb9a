import { expect, test } from 'vitest'
import { checkAudit } from '../../packages/vitest-lanes/dist/cli/audit/check.js'
import { reportText } from '../../packages/vitest-lanes/dist/cli/audit/report.js'
import { checkText } from '../../packages/vitest-lanes/dist/cli/audit/verdicts.js'
import { footprintOf, type SeenFile } from '../../packages/vitest-lanes/dist/cli/audit/footprint-of.js'

const NOTHING = { ports: [], files: [], variables: [], programs: [] }

function seen(more: Partial<SeenFile> = {}): SeenFile {
  return {
    file: 'a.test.ts',
    project: '',
    text: '',
    claims: [],
    provided: [],
    outcome: 'passed',
    parts: new Map(),
    env: new Map(),
    process: NOTHING,
    findings: [],
    root: '/project',
    ...more,
  }
}

test('a variable belongs to the resource whose instance gave it, else to the machine if it leads to a server', () => {
  const { resources, machine } = footprintOf(
    seen({
      env: new Map([['cache', { CACHE_ADDRESS: 'redis://localhost' }]]),
      process: {
        ...NOTHING,
        variables: ['CACHE_ADDRESS', 'MONGO_URL', 'HOME', 'VITEST_POOL_ID', 'NODE_ENV'],
      },
    }),
  )
  expect(resources).toEqual({ cache: [{ kind: 'variable', name: 'CACHE_ADDRESS', mode: 'read' }] })
  expect(machine).toEqual([{ kind: 'variable', name: 'MONGO_URL', mode: 'read' }])
})

test('files are named from the root, and what goes beyond an instance is of the machine', () => {
  const role = { kind: 'postgres server', name: 'role app', mode: 'write' } as const
  const { resources, machine } = footprintOf(
    seen({
      parts: new Map([['postgres', { uses: [], beyond: [role] }]]),
      process: { ...NOTHING, files: ['/project/out/left.txt', '/etc/hosts'], ports: [4010] },
    }),
  )
  expect(resources).toEqual({})
  expect(machine.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'file /etc/hosts',
    'file out/left.txt',
    'port 4010',
    'postgres server role app',
  ])
})

test('a server that the file reached by an address of its own is named', () => {
  const message =
    'Connects to localhost:6379 through ioredis at a.test.ts:3, and not to the instance of `redis` that it claims.'
  const { machine } = footprintOf(seen({ findings: [{ kind: 'undeclared-use', message }] }))
  expect(machine).toEqual([{ kind: 'address', name: 'localhost:6379', mode: 'write' }])
})

test('what cannot be seen is said: of providers, of resources without one, of other programs, of failed files', () => {
  const { unseen } = footprintOf(
    seen({
      outcome: 'failed',
      claims: [
        { resource: 'stripe', mode: 'exclusive' },
        { resource: 'sequential', mode: 'exclusive' },
        { resource: 'postgres', mode: 'exclusive' },
      ],
      provided: ['mysql', 'redis', 'postgres'],
      parts: new Map([
        ['mysql', undefined],
        ['redis', { uses: [], unseen: ['Commands: MONITOR is refused (NOPERM).'] }],
      ]),
      process: { ...NOTHING, programs: ['psql'] },
    }),
  )
  expect(unseen).toEqual([
    '`mysql`: its provider cannot be watched.',
    'Commands: MONITOR is refused (NOPERM).',
    '`stripe`: it has no provider that could be watched.',
    '`postgres`: it could not be had.',
    'Ports and files of psql: the hook that sees them is for Node.js.',
    'What it would have done had it not failed.',
  ])
})

test('a check names files that are new since a certificate, and fails for those that claim something else', () => {
  const footprint = footprintOf(seen({ claims: [{ resource: 'redis', mode: 'exclusive' }] }))
  const certified = (files: Record<string, readonly string[]>, outcome: 'passed' | 'failed' = 'passed') =>
    checkAudit([footprint], { version: 1, certified: { '.': { outcome, runs: 1, lanes: 2, files } } })
  expect(certified({ 'a.test.ts': ['redis'] })).toEqual({ failed: [], outgrown: [], stale: [], notes: [] })
  expect(certified({}).notes).toEqual(['a.test.ts is new since . was certified.'])
  expect(certified({ 'a.test.ts': ['postgres'] }).stale).toEqual([
    'a.test.ts was certified with [postgres] and claims [redis] now.',
  ])
  expect(certified({ 'a.test.ts': ['redis'] }, 'failed').stale).toEqual([
    '. was not certified: its runs failed.',
  ])
})

test('a check does not speak for a file that failed', () => {
  const footprint = footprintOf(seen({ outcome: 'failed' }))
  const checked = checkAudit([footprint], { version: 1, certified: {} })
  expect(checked.failed).toEqual(['a.test.ts'])
  expect(checkText(checked, [footprint])).toBe(
    'a.test.ts failed: what it uses is not known.\n1 file: each that passed claims all that it uses.',
  )
})

test('nothing is concluded from what nobody has seen', () => {
  const footprints = ['a.test.ts', 'b.test.ts'].map((file) => footprintOf(seen({ file })))
  const text = (failures: [string, string][], isBlind: boolean) =>
    reportText(footprints, [{ directory: '', claims: [] }] as never, {
      failures: new Map(failures),
      isBlind,
    }).join('\n')
  expect(text([], false)).toContain('All 1 pair of files could share their instances.')
  expect(text([], false)).toContain('must claim')
  expect(text([], true)).toContain(
    'It is not known which of 1 pair of files could share their instances: no server was watched.',
  )
  expect(text([], true)).not.toContain('must claim')
  expect(text([['a.test.ts', 'no']], false)).toContain('could share their instances: 1 file failed.')
})
