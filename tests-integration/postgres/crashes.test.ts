import { existsSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { ENGINES, project, query, startRun } from './support/provider.ts'
import { runElsewhere } from './support/run-elsewhere.ts'
import { serverOf } from './support/server-process.ts'

describe.each(ENGINES)('%s', (engine) => {
  test('a server that is killed is told to who uses it, and the next file gets another', async () => {
    const root = await project({ 'm/1.sql': 'create table a (id int)' })
    const run = await startRun({ engine, migrate: './m' }, { root })
    const instance = await run.open()
    const server = await serverOf(instance)
    process.kill(server.pid, 'SIGKILL')
    expect(await instance.lost).toContain('PostgreSQL ended by itself (SIGKILL)')
    const next = await run.open()
    expect(await query(next, 'select * from a')).toEqual([])
    expect((await serverOf(next)).pid).not.toBe(server.pid)
    await instance.dispose()
    await run.stop()
    expect(server.segments()).toEqual([])
    expect(existsSync(server.runFolder)).toBe(false)
  })

  test('one that cannot be had in its place is tried again for the file after', async () => {
    const root = await project({})
    await chmod(root, 0o755)
    vi.stubEnv('TMPDIR', root)
    onTestFinished(() => void vi.unstubAllEnvs())
    const run = await startRun({ engine }, { root, lanes: 1 })
    const instance = await run.open()
    process.kill((await serverOf(instance)).pid, 'SIGKILL')
    await instance.lost
    const base = path.join(root, `vitest-lanes-${process.getuid?.()}`)
    // Where others may write, nothing of ours is made.
    await chmod(base, 0o777)
    await expect(run.open()).rejects.toMatchObject({ code: 'LANES_SERVER_START' })
    await chmod(base, 0o711)
    expect(await query(await run.open(), 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test('stopping leaves no process, no folder and no shared memory', async () => {
    const run = await startRun({ engine })
    const server = await serverOf(await run.open())
    await run.stop()
    expect(await server.lives()).toBe(false)
    expect(server.segments()).toEqual([])
    expect(existsSync(server.runFolder)).toBe(false)
  })

  test('a server ends when its run is killed, and the next run clears what is left', async () => {
    const { child, url } = await runElsewhere({ engine })
    const server = await serverOf(url)
    child.kill('SIGKILL')
    await expect.poll(() => server.lives(), { timeout: 10_000 }).toBe(false)
    await (await startRun({ engine })).stop()
    // Another run on this machine may have begun to clear it.
    await expect.poll(() => existsSync(server.runFolder)).toBe(false)
    expect(server.segments()).toEqual([])
  })

  test('a server that was killed together with its run leaves nothing either', async () => {
    const { child, url } = await runElsewhere({ engine })
    const server = await serverOf(url)
    child.kill('SIGKILL')
    process.kill(server.pid, 'SIGKILL')
    await expect.poll(() => server.lives()).toBe(false)
    await (await startRun({ engine })).stop()
    // Another run on this machine may have begun to clear it.
    await expect.poll(() => existsSync(server.runFolder)).toBe(false)
    expect(server.segments()).toEqual([])
  })

  test('a run does not touch the server of another that lives', async () => {
    const { url } = await runElsewhere({ engine })
    await (await startRun({ engine })).stop()
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  test('a test that ends every session of the server does no harm to the next file', async () => {
    const run = await startRun({ engine })
    for (let file = 0; file < 5; file++) {
      const instance = await run.open()
      await query(
        instance,
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and usename is not null',
      )
      await instance.dispose()
    }
    expect(await query(await run.open(), 'select 1 as one')).toEqual([{ one: 1 }])
  })
})
