import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readPlan } from '../../packages/postgres/dist/migrations/plan.js'
import type { MigrationStep } from '../../packages/postgres/dist/options.js'

let root: string

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'lanes plan '))
})
afterEach(() => rm(root, { recursive: true }))

async function write(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true })
  await writeFile(path.join(root, file), text)
}

const plan = (migrate: MigrationStep[], inputs?: string[]) => readPlan({ migrate, seed: [], inputs }, root)

const hashOf = async (step: string) => (await plan([step])).hash

async function files(migrate: MigrationStep[]): Promise<string[]> {
  return (await plan(migrate)).steps.map((step) => (step.kind === 'sql' ? step.file : step.kind))
}

test('the files of a folder come in natural order, nested ones too, without those that undo', async () => {
  for (const name of [
    '10_c.sql',
    '2_b.sql',
    '1_a/migration.sql',
    '2_b.down.sql',
    '1_a/down.sql',
    'notes.md',
  ]) {
    await write(`migrations/${name}`, 'select 1;')
  }
  expect(await files(['./migrations'])).toEqual([
    'migrations/1_a/migration.sql',
    'migrations/2_b.sql',
    'migrations/10_c.sql',
  ])
})

test('one SQL file, a command, a command of one word and a function are steps, in their order', async () => {
  await write('schema.sql', 'select 1;')
  const steps = ['schema.sql', 'pnpm db:migrate', { command: 'migrate' }, () => undefined]
  expect(await files(steps)).toEqual(['schema.sql', 'command', 'command', 'function'])
})

test('a script with arguments is a command', async () => {
  await write('bin/migrate.sh', '')
  expect(await files(['./bin/migrate.sh up'])).toEqual(['command'])
})

test.each(['./migrations', 'migrations', './my migrations', 'old schema.sql'])(
  'a path that does not exist is refused: %s',
  async (missing) => {
    await expect(plan([missing])).rejects.toThrow(expect.objectContaining({ code: 'LANES_OPTION_INVALID' }))
  },
)

test('a folder without an SQL file is refused', async () => {
  await mkdir(path.join(root, 'empty'))
  await expect(plan(['./empty'])).rejects.toThrow('holds no SQL file')
})

test('the hash follows contents and names of SQL files', async () => {
  await write('m/1.sql', 'select 1;')
  const first = await hashOf('./m')
  expect(await hashOf('./m')).toBe(first)
  await write('m/1.sql', 'select 2;')
  const second = await hashOf('./m')
  expect(second).not.toBe(first)
  await write('m/2.sql', 'select 3;')
  expect(await hashOf('./m')).not.toBe(second)
})

test('a command is kept only where its inputs are named, and its hash follows them', async () => {
  await write('prisma/schema.prisma', 'a')
  expect((await plan(['pnpm db:migrate'])).hash).toBeUndefined()
  const hash = async () => (await plan(['pnpm db:migrate'], ['prisma/**'])).hash
  const first = await hash()
  expect(first).toBeTypeOf('string')
  await write('prisma/schema.prisma', 'b')
  expect(await hash()).not.toBe(first)
})

test('inputs that match nothing are refused', async () => {
  await expect(plan(['pnpm db:migrate'], ['drizzle/*.ts'])).rejects.toThrow('matches no file')
})
