import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Footprint } from '@vitest-lanes/core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startCommand } from './support/audit-command.ts'
import { lanesCommand, projectWith, put, textOf } from './support/command.ts'
import type { Project } from '../support/project.ts'

// Each audit runs a suite, file by file.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

/** A test with a Redis and a PostgreSQL client at hand. */
const file = (body: string, before = '') => `
import { Redis } from 'ioredis'
import pg from 'pg'
import { test } from 'vitest'
${before}
const redis = () => new Redis(process.env.REDIS_URL)
async function sql(text) {
  const client = new pg.Client(process.env.DATABASE_URL)
  await client.connect()
  await client.query(text)
  await client.end()
}
test('works', async () => {
${body}
})`
const writing = (key: string) =>
  file(
    `  const client = redis()\n  await client.set('${key}', 1)\n  await client.del('${key}')\n  await client.quit()`,
  )

const CONFIG = (files: string) => `import { postgres } from '@vitest-lanes/postgres'
import { redis } from '@vitest-lanes/redis'
import { lanes } from 'vitest-lanes'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [
    lanes({
      resources: { redis: redis(), postgres: postgres({ migrate: './migrations' }) },
      files: {
${files}
      },
    }),
  ],
})
`

const FILES = {
  'package.json': '{ "type": "module", "private": true }',
  'migrations/1.sql':
    "CREATE TABLE countries (code text); INSERT INTO countries VALUES ('at'); CREATE TABLE users (id serial);",
  'vitest.config.ts': CONFIG(`        // Not yet looked at.
        'tests/**': ['sequential'],`),
  'tests/keys/a.test.ts': writing('user:1'),
  'tests/keys/b.test.ts': writing('user:2'),
  'tests/keys/flush.test.ts': file(
    `  const client = redis()\n  await client.flushall()\n  await client.quit()`,
  ),
  'tests/read/c.test.ts': file(`  await sql('SELECT * FROM countries')`),
  'tests/read/d.test.ts': file(`  await sql('SELECT code FROM countries')`),
  'tests/rows/e.test.ts': file(`  await sql('INSERT INTO users DEFAULT VALUES')`),
  // Copies all variables, as does Node.js for a process that is started: neither reads any.
  'tests/plain/f.test.ts': file(
    `  if ({ ...process.env }.NOTHING !== undefined) throw new Error('no')
  execFileSync(process.execPath, ['-e', ''])`,
    `import { execFileSync } from 'node:child_process'`,
  ),
  'tests/ports/g.test.ts': file(
    `  const server = createServer()
  await new Promise((resolve) => server.listen(21973, '127.0.0.1', resolve))
  writeFileSync('left.txt', process.env.BILLING_DATABASE_URL ?? '')
  await new Promise((resolve) => server.close(resolve))`,
    `import { writeFileSync } from 'node:fs'\nimport { createServer } from 'node:net'`,
  ),
  'tests/ports/h.test.ts': file(
    `  const server = createServer()
  await new Promise((resolve) => server.listen({ port: 21973, host: '127.0.0.1' }, resolve))
  await new Promise((resolve) => server.close(resolve))
  const any = createServer()
  await new Promise((resolve) => any.listen(0, '127.0.0.1', resolve))
  await new Promise((resolve) => any.close(resolve))`,
    `import { createServer } from 'node:net'`,
  ),
}
const PACKAGES = ['ioredis', 'pg']

interface Report {
  readonly files: readonly Footprint[]
  readonly collisions: readonly { readonly files: readonly string[] }[]
  readonly claims: readonly {
    readonly directory: string
    readonly claims: readonly { readonly resource: string; readonly mode: string }[]
  }[]
  readonly outgrown: readonly { readonly file: string; readonly message: string }[]
}

describe('an audit of a suite', () => {
  let project: Project
  let report: Report
  beforeAll(async () => {
    project = await projectWith(FILES, PACKAGES)
    const { code, stdout, stderr } = await lanesCommand(project.root, ['audit', '--json'])
    if (code !== 0 || stderr !== '') throw new Error(`${code}\n${stderr}`)
    report = JSON.parse(stdout) as Report
  })
  afterAll(async () => project[Symbol.asyncDispose]())

  const usesOf = (path: string) => {
    const { resources, machine } = report.files.find((each) => each.file === path)!
    return Object.fromEntries(
      [...Object.entries(resources), ['machine', machine] as const].map(([resource, uses]) => [
        resource,
        uses.map(({ kind, name, mode }) => `${mode} ${kind} ${name}`),
      ]),
    )
  }

  test('shows what each file touches, on servers that it does not even claim', () => {
    expect(usesOf('tests/keys/a.test.ts')).toEqual({
      redis: ['write key user:*', 'read variable REDIS_URL'],
      machine: [],
    })
    expect(usesOf('tests/keys/flush.test.ts')['redis']).toContain('all server FLUSHALL')
    expect(usesOf('tests/read/c.test.ts')).toMatchObject({
      postgres: expect.arrayContaining(['read table public.countries', 'read variable DATABASE_URL']),
    })
    expect(usesOf('tests/rows/e.test.ts')['postgres']).toEqual(
      expect.arrayContaining(['write sequence public.users_id_seq', 'write table public.users']),
    )
    expect(usesOf('tests/plain/f.test.ts')).toEqual({ machine: [] })
  })

  test('shows ports, files and variables, and no port that nobody chose', () => {
    expect(usesOf('tests/ports/g.test.ts')).toEqual({
      machine: ['write file left.txt', 'write port 21973', 'read variable BILLING_DATABASE_URL'],
    })
    expect(usesOf('tests/ports/h.test.ts')).toEqual({ machine: ['write port 21973'] })
  })

  test('predicts which files would collide, and which could share', () => {
    const pairs = report.collisions.map(({ files }) =>
      files.map((path) => path.slice('tests/'.length)).join(' '),
    )
    expect(pairs).toEqual([
      'keys/a.test.ts keys/b.test.ts',
      'keys/a.test.ts keys/flush.test.ts',
      'keys/b.test.ts keys/flush.test.ts',
      'ports/g.test.ts ports/h.test.ts',
    ])
  })

  test('says the least that each directory must claim', () => {
    expect(
      report.claims.map(({ directory, claims }) => [
        directory,
        claims.map(({ resource, mode }) => (mode === 'shared' ? `${resource}/shared` : resource)),
      ]),
    ).toEqual([
      ['tests/keys', ['redis']],
      ['tests/plain', []],
      ['tests/ports', ['sequential']],
      ['tests/read', ['postgres/shared']],
      ['tests/rows', ['postgres']],
    ])
  })

  test('leaves footprints for other commands, and no record, no servers, no other file', async () => {
    expect((await readdir(join(project.root, '.vitest-lanes'))).sort()).toEqual([
      '.gitignore',
      'footprints.json',
    ])
    const kept = JSON.parse(await textOf(join(project.root, '.vitest-lanes/footprints.json'))) as Report
    expect(kept.files).toEqual(report.files)
  })

  test('for people names files, what they touch, pairs, directories and claims', async () => {
    const { code, stdout } = await lanesCommand(project.root, ['audit', '--no-run'])
    expect(code).toBe(0)
    expect(stdout).toContain('tests/keys/a.test.ts\n  redis: writes user:*; reads REDIS_URL\n')
    expect(stdout).toContain('4 of 36 pairs of files would collide on one instance')
    expect(stdout).toContain('redis: FLUSHALL acts on the whole server')
    expect(stdout).toMatch(/within tests\/keys +3 of 3 {2}redis/)
    expect(stdout).toContain('tests/read: [postgres/shared]')
  })

  test('proposes the lines as a diff with reasons, writes nothing unasked, and what it writes holds', async () => {
    const asked = await lanesCommand(project.root, ['audit', '--no-run', '--write'])
    expect(asked.code).toBe(1)
    expect(asked.stdout).toContain("+        'tests/read/**': ['postgres/shared'],")
    expect(asked.stdout).toContain('+        // postgres: only reads table public.countries, DATABASE_URL')
    expect(asked.stdout).toContain('Nothing written')
    expect(await textOf(join(project.root, 'vitest.config.ts'))).toBe(FILES['vitest.config.ts'])

    const written = await lanesCommand(project.root, ['audit', '--no-run', '--write', '--yes'])
    expect(written.code).toBe(0)
    const config = await textOf(join(project.root, 'vitest.config.ts'))
    expect(config).toContain(
      "        'tests/**': ['sequential'],\n        // redis: writes user:*, FLUSHALL (3 of 3 files)\n        'tests/keys/**': ['redis'],\n",
    )
    const check = await lanesCommand(project.root, ['audit', '--no-run', '--check'])
    expect(check).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('9 files: each claims all that it uses.'),
    })
    const again = await lanesCommand(project.root, ['audit', '--no-run', '--write'])
    expect(again.stdout).not.toContain('tests/keys/**')
  })

  test('fails a check when a file has outgrown its claims, and says in what', async () => {
    await put(project, 'tests/read/c.test.ts', file(`  await sql("INSERT INTO countries VALUES ('de')")`))
    const { code, stdout } = await lanesCommand(project.root, ['audit', 'tests/read', '--check'])
    expect(code).toBe(1)
    expect(stdout).toContain(
      'tests/read/c.test.ts claims `postgres/shared` and writes table public.countries.',
    )
  })
})

describe('a certificate', () => {
  test('is given to a directory whose files never disturb each other, and CI holds it against claims', async () => {
    await using project = await projectWith(
      {
        ...FILES,
        'vitest.config.ts': CONFIG(`        'tests/keys/**': ['redis'],`),
        'tests/keys/flush.test.ts': writing('flush'),
      },
      PACKAGES,
    )
    const { code, stdout } = await lanesCommand(project.root, [
      'audit',
      'tests/keys',
      '--certify',
      '--runs',
      '2',
    ])
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('3 files, 2 runs in') })
    const record = join(project.root, 'vitest-lanes.audit.json')
    const before = await readFile(record, 'utf8')
    expect(JSON.parse(before)).toMatchObject({
      version: 1,
      certified: {
        'tests/keys': { outcome: 'passed', runs: 2, files: { 'tests/keys/a.test.ts': ['redis'] } },
      },
    })
    const check = (...more: string[]) =>
      lanesCommand(project.root, ['audit', 'tests/keys', '--check', ...more])
    expect(await check()).toMatchObject({ code: 0 })

    await put(project, 'vitest.config.ts', CONFIG(`        'tests/keys/**': ['redis', 'postgres'],`))
    expect(await check('--no-run')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('was certified with [redis] and claims [postgres, redis] now'),
    })
    expect(await readFile(record, 'utf8')).toBe(before)
  })

  test('is refused to a directory with a leak, and says which', async () => {
    await using project = await projectWith(
      {
        ...FILES,
        'vitest.config.ts': CONFIG(`        'tests/keys/**': ['redis'],`),
        'tests/keys/a.test.ts': file(`  await redis().set('a', 1)`),
      },
      PACKAGES,
    )
    const { code, stdout } = await lanesCommand(project.root, [
      'audit',
      'tests/keys',
      '--certify',
      '--runs',
      '2',
    ])
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /not certified\.\n {2}2 × tests\/keys\/a\.test\.ts: 1 connection to redis left open/,
    )
    expect(await lanesCommand(project.root, ['audit', 'tests/keys', '--check', '--json'])).toMatchObject({
      code: 1,
    })
  })
})

describe('what an audit is asked', () => {
  let project: Project
  beforeAll(async () => {
    project = await projectWith(
      { ...FILES, 'tests/keys/a.test.ts': file(`  throw new Error('no such user')`) },
      PACKAGES,
    )
  })
  afterAll(async () => project[Symbol.asyncDispose]())

  test.each([
    [['audit', 'nowhere'], 'LANES_NO_FILES'],
    [['audit', '../elsewhere'], 'LANES_OPTION_INVALID'],
    [['audit', '--no-run'], 'LANES_FOOTPRINTS'],
    [['audit', '--check', '--write'], 'LANES_OPTION_INVALID'],
    [['audit', '--certify', '--runs', '0'], 'runs'],
  ])('%j cannot be done', async (args, said) => {
    const { code, stderr } = await lanesCommand(project.root, args)
    expect(code).toBe(2)
    expect(stderr).toContain(said)
  })

  test('a file that fails alone is told, and keeps its claims', async () => {
    const { code, stdout } = await lanesCommand(project.root, ['audit', 'tests/keys'])
    expect(code).toBe(1)
    expect(stdout).toContain(
      '1 file failed, alone: what they show is a part.\n  tests/keys/a.test.ts: no such user',
    )
    expect(stdout).toContain('tests/keys: [redis, sequential]')
  })

  test('a check does not speak for a file that fails, now or when it ran', async () => {
    const now = await lanesCommand(project.root, ['audit', 'tests/keys', '--check'])
    const then = await lanesCommand(project.root, ['audit', 'tests/keys', '--check', '--no-run'])
    for (const { code, stdout } of [now, then]) {
      expect(code).toBe(1)
      expect(stdout).toContain('tests/keys/a.test.ts failed: what it uses is not known.')
    }
  })

  test('without servers that it could watch, it says so and runs nothing', async () => {
    await using bare = await projectWith({ 'a.test.ts': file(`  throw new Error('it ran')`) })
    const { code, stdout, stderr } = await lanesCommand(bare.root, ['audit'])
    expect(code).toBe(2)
    expect(stderr).toContain('lanes() with resources or files is not in the configuration')
    expect(stderr).toContain('vitest-lanes init')
    expect(stdout).toBe('')
  })

  test('a record that cannot be read is told, and left alone', async () => {
    const path = await put(project, 'vitest-lanes.audit.json', '{ "version": 9 }')
    const { code, stderr } = await lanesCommand(project.root, ['audit', 'tests/plain', '--check'])
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('LANES_AUDIT') })
    expect(await textOf(path)).toBe('{ "version": 9 }')
  })

  test('Ctrl-C ends it, writes nothing and leaves no process', async () => {
    await put(
      project,
      'tests/rows/slow.test.ts',
      file(
        `  await sql('SELECT 1')\n  writeFileSync('began', '')\n  await new Promise(() => {})`,
        `import { writeFileSync } from 'node:fs'`,
      ),
    )
    const command = startCommand(project.root, ['audit', 'tests/rows'])
    await command.wrote('began')
    command.interrupt()
    const { code, stderr } = await command.ended
    expect({ code, stderr }).toMatchObject({
      code: 130,
      stderr: expect.stringContaining('Interrupted: nothing was written.'),
    })
    const kept = await readdir(join(project.root, '.vitest-lanes')).catch(() => [])
    expect(kept.filter((name) => name.includes('part'))).toEqual([])
    expect(await command.left()).toEqual([])
  })
})
