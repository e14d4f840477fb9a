import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import {
  cacheFolder,
  defaultBase,
  openRunFolder,
  passageMode,
  sweepDeadRuns,
  withLock,
} from '@vitest-lanes/server'
import { afterEach, beforeEach, expect, test } from 'vitest'

let parent: string
beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'vl-'))
})
afterEach(() => rm(parent, { recursive: true, force: true }))

const modeOf = async (folder: string) => (await stat(folder)).mode & 0o777

const SCRIPT = `
  import { cacheFolder, defaultBase, openRunFolder } from '@vitest-lanes/server'
  const base = defaultBase(process.argv[1])
  const kept = await cacheFolder('kind', base)
  const run = await openRunFolder({ base })
  console.log(JSON.stringify([base, kept, run.path]))
  process.kill(process.pid, 'SIGKILL')`

test.each(['077', '000', '022'])(
  'with umask %s, folders have the modes that they should have',
  async (umask) => {
    const command = [
      '-c',
      `umask ${umask}; exec "$0" "$@"`,
      process.execPath,
      '--input-type=module',
      '-e',
      SCRIPT,
      parent,
    ]
    const { stdout } = await promisify(execFile)('/bin/sh', command, { cwd: import.meta.dirname }).catch(
      (error: { stdout: string }) => error,
    )
    const folders: string[] = JSON.parse(stdout)
    expect(folders).toHaveLength(3)
    const modes = await Promise.all([...folders, path.dirname(folders[1] ?? '')].map(modeOf))
    expect(modes).toEqual(Array(4).fill(passageMode()))
  },
)

test('a base that an earlier umask has closed is opened as far as it has to be', async () => {
  const base = defaultBase(parent)
  await promisify(execFile)('mkdir', ['-m', '700', base])
  await using run = await openRunFolder({ base })
  expect(await modeOf(base)).toBe(passageMode())
  expect(await modeOf(run.path)).toBe(passageMode())
})

test('what is kept between runs is where it was', async () => {
  expect(await cacheFolder('kind', parent)).toBe(await cacheFolder('kind', parent))
})

test('of a lock that nobody holds nothing is left', async () => {
  await Promise.all(['/a', '/b', '/a', '/a'].map((target) => withLock(target, async () => undefined, parent)))
  expect(await readdir(path.join(parent, 'locks'))).toEqual([])
})

test('the lock of a holder that was killed is cleared by the next run, and that of a live one is not', async () => {
  const script = `
    import { withLock } from '@vitest-lanes/server'
    await withLock('/dead', async () => process.kill(process.pid, 'SIGKILL'), process.argv[1])`
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, parent], {
    cwd: import.meta.dirname,
  }).catch(() => undefined)
  expect(await readdir(path.join(parent, 'locks'))).toHaveLength(1)
  await withLock(
    '/live',
    async () => {
      await sweepDeadRuns(parent)
      expect(await readdir(path.join(parent, 'locks'))).toHaveLength(1)
    },
    parent,
  )
  expect(await readdir(path.join(parent, 'locks'))).toEqual([])
})
