import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { installed, workspace } from '../support/installation.ts'
import { createProject } from '../support/project.ts'

const MODULES = join(dirname(fileURLToPath(import.meta.url)), '../../node_modules')
const { packages } = installed(MODULES, process.execPath, ['ioredis', 'pg'])
const installation = { ...workspace, packages: { ...workspace.packages, ...packages } }

test('the passwords of a run are in no process list, output, report or record', async () => {
  await using project = await createProject(
    {
      'vitest.config.ts': `
        import { postgres } from '@vitest-lanes/postgres'
        import { redis } from '@vitest-lanes/redis'
        import { lanes } from 'vitest-lanes'
        export default {
          plugins: [
            lanes({ resources: { redis: redis(), postgres: postgres() }, files: { '**': ['redis', 'postgres'] } }),
          ],
        }`,
      'leaves.test.ts': `
        import { execFileSync } from 'node:child_process'
        import { Redis } from 'ioredis'
        import { Client } from 'pg'
        import { expect, test } from 'vitest'
        import { tell } from '/events.ts'
        test('leaves connections open, and fails', async () => {
          await new Redis(process.env.REDIS_URL).config('SET', 'masterauth', process.env.REDIS_PASSWORD)
          await new Client(process.env.DATABASE_URL).connect()
          const list = execFileSync('ps', ['-A', '-ww', '-o', 'command='], { encoding: 'utf8' })
          tell('secrets', { redis: process.env.REDIS_PASSWORD, postgres: process.env.PGPASSWORD })
          expect(list).toMatch(/postgres/)
          const secrets = [process.env.REDIS_PASSWORD, process.env.PGPASSWORD]
          tell('listed', { lines: list.split('\\n').filter((line) => secrets.some((each) => line.includes(each))).length })
          expect(1).toBe(2)
        })`,
    },
    installation,
  )

  const run = await project.run()

  const { redis, postgres } = Object(run.events.find(({ what }) => what === 'secrets'))
  expect([redis, postgres]).toEqual([expect.stringMatching(/.{16}/), expect.stringMatching(/.{16}/)])
  expect(run.events.find(({ what }) => what === 'listed')).toMatchObject({ lines: 0 })
  expect(run.record?.findings.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['redis-config-changed', 'redis-connection-open', 'postgres-connection-open']),
  )
  const folder = join(project.root, '.vitest-lanes')
  const written = await Promise.all(
    (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')),
  )
  const told = [run.stdout, run.stderr, JSON.stringify(run.report), ...written].join('\n')
  expect(told).toContain('redis-config-changed')
  for (const secret of [redis, postgres]) expect(told).not.toContain(String(secret))
})
