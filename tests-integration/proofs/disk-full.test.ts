import { execFileSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { workspace } from '../support/installation.ts'
import { createProject, type VitestRun } from '../support/project.ts'

/** Node with small disks, which nobody else sees, for what lies in memory and for what lies in the temporary folder. */
const ON_SMALL_DISK = `#!/bin/sh
exec unshare --mount sh -c '
  mount -t tmpfs -o "size=$MEMORY,mode=1777" tmpfs /dev/shm
  mount -t tmpfs -o "size=$DISK,mode=1777" tmpfs "$TMPDIR"
  "$NODE" "$@"
  code=$?
  ls "$TMPDIR"/vitest-lanes-* /dev/shm/vitest-lanes-* > left.txt
  exit $code
' sh "$@"
`

const READS = `
  import pg from 'pg'
  import { expect, test } from 'vitest'
  test('has its table', async () => {
    const client = new pg.Client(process.env.DATABASE_URL)
    await client.connect()
    expect((await client.query('SELECT count(*)::int FROM jobs')).rows).toEqual([{ count: 0 }])
    await client.end()
  })`
const FILLS = `
  import pg from 'pg'
  import { test } from 'vitest'
  test('writes for ever', async () => {
    const client = new pg.Client(process.env.DATABASE_URL)
    client.on('error', () => {})
    await client.connect()
    for (;;) await client.query("INSERT INTO jobs SELECT n, repeat('text', 200) FROM generate_series(1, 20000) n")
  })`

/** Runs three files, of which one fills the disk, and says what is left of the run on it. */
async function runOn(sizes: { MEMORY: string; DISK: string }): Promise<{ run: VitestRun; left: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'small-disk-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const node = join(folder, 'node')
  await writeFile(node, ON_SMALL_DISK, { mode: 0o755 })
  const pg = realpathSync(join(import.meta.dirname, '../../node_modules/pg'))
  await using project = await createProject(
    {
      'vitest.config.ts': `
        import { postgres } from '@vitest-lanes/postgres'
        import { lanes } from 'vitest-lanes'
        const resources = { postgres: postgres({ migrate: './migrations' }) }
        export default { plugins: [lanes({ lanes: 1, resources, files: { '**': ['postgres'] } })] }`,
      'migrations/1.sql': 'CREATE TABLE jobs (id int, payload text);',
      'a.test.ts': READS,
      'fills.test.ts': FILLS,
      'z.test.ts': READS,
    },
    { ...workspace, node, packages: { ...workspace.packages, pg } },
  )
  // A server that root starts runs as another user.
  await chmod(project.root, 0o711)
  await mkdir(join(project.root, 't'))
  const engine = process.env['VITEST_LANES_ENGINE'] ?? ''
  const env = {
    TMPDIR: join(project.root, 't'),
    ...sizes,
    NODE: process.execPath,
    VITEST_LANES_ENGINE: engine,
  }
  const run = await project.run([], { env })
  return { run, left: ((await project.read('left.txt')) ?? '').split('\n').filter((name) => name !== '') }
}

/** Only root may mount, and not in every container. */
function mayMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/dev/shm'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.skipIf(!mayMount())('a disk that is full', () => {
  test('before the server has started fails the files with the reason, and the run leaves nothing', async () => {
    const { run, left } = await runOn({ MEMORY: '8m', DISK: '10m' })
    expect(run.code).toBe(1)
    const messages = run.report?.testResults.map(({ message }) => message) ?? []
    expect(messages).toHaveLength(3)
    for (const message of messages) expect(message).toMatch(/(ENOSPC|No space left)[^]*\[LANES_/)
    expect(left.filter((name) => /^(run|new)-/.test(name))).toEqual([])
  })

  test('while files run fails the file that filled it, with what the server says, and the run ends and leaves nothing', async () => {
    // Data goes to memory from 512 MB on, and Vitest's own files do not.
    const { run, left } = await runOn({ MEMORY: '530m', DISK: '500m' })
    expect(run.code).toBe(1)
    expect(run.record?.files.map(({ file }) => file).toSorted()).toEqual([
      'a.test.ts',
      'fills.test.ts',
      'z.test.ts',
    ])
    const filler = run.report?.testResults.find(({ name }) => name.endsWith('fills.test.ts'))
    const failures = filler?.assertionResults.flatMap(({ failureMessages }) => failureMessages ?? [])
    expect(`${filler?.message}${String(failures)}`).toMatch(
      /No space left on device|could not extend file|Connection terminated/,
    )
    expect(left).toContain('cache')
    expect(left.filter((name) => /^(run|new)-/.test(name))).toEqual([])
  })
})
