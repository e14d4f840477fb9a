import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openRunFolder, processIdentity, startServer, sweepDeadRuns } from '@vitest-lanes/server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ended, fixture, killRun, startRun, watcherOf } from './processes.ts'

let base: string
beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'vl '))
})
afterEach(() => rm(base, { recursive: true, force: true }))

describe('a run that is killed with SIGKILL', () => {
  test('takes its server with it', async () => {
    const run = await startRun(base)
    const watcher = watcherOf(run.pid)
    await killRun(run)
    expect(await ended(run.pid)).toBe('ended')
    expect(await ended(watcher)).toBe('ended')
  })

  test('takes a server with it that ignores every signal', async () => {
    const run = await startRun(base, 'stubborn.mjs')
    await killRun(run)
    expect(await ended(run.pid)).toBe('ended')
  })

  test('leaves a folder that the next run removes', async () => {
    const run = await startRun(base)
    await killRun(run)
    expect(await ended(run.pid)).toBe('ended')
    expect(await sweepDeadRuns(base)).toEqual([run.folder])
    expect(await readdir(base)).toEqual([])
  })

  test('leaves a server that the next run ends, if its watcher was killed too', async () => {
    const run = await startRun(base, 'stubborn.mjs')
    process.kill(watcherOf(run.pid), 'SIGKILL')
    await killRun(run)
    expect(await processIdentity(run.pid)).toBeDefined()
    await sweepDeadRuns(base)
    expect(await processIdentity(run.pid)).toBeUndefined()
    expect(await readdir(base)).toEqual([])
  })

  test('does not touch another run that lives', async () => {
    const [killed, living] = await Promise.all([startRun(base), startRun(base)])
    await killRun(killed)
    const [first, second] = await Promise.all([sweepDeadRuns(base), sweepDeadRuns(base)])
    expect([...first, ...second]).toContain(killed.folder)
    expect([...first, ...second]).not.toContain(living.folder)
    expect(await processIdentity(living.pid)).toBeDefined()
    await killRun(living)
    expect(await ended(living.pid)).toBe('ended')
  })
})

test('a run that exits without stopping its server takes it with it', async () => {
  const run = await startRun(base, 'stubborn.mjs', 'end')
  expect(await ended(run.pid)).toBe('ended')
})

test('a server outlives the watcher that was killed', async () => {
  await using runFolder = await openRunFolder({ base })
  const server = await startServer({
    name: 'a server',
    command: process.execPath,
    args: [fixture('obedient.mjs')],
    runFolder,
    ready: /listening/,
  })
  const watcher = watcherOf(server.pid)
  process.kill(watcher, 'SIGKILL')
  expect(await ended(watcher)).toBe('ended')
  expect(await processIdentity(server.pid)).toBeDefined()
  expect(await server.stop()).toEqual({ code: null, signal: 'SIGTERM' })
})

test('the watcher of a server that was stopped goes away', async () => {
  await using runFolder = await openRunFolder({ base })
  const server = await startServer({
    name: 'a server',
    command: process.execPath,
    args: [fixture('stubborn.mjs')],
    runFolder,
    ready: /listening/,
  })
  const watcher = watcherOf(server.pid)
  expect(await server.stop({ timeout: 50 })).toEqual({ code: null, signal: 'SIGKILL' })
  expect(await ended(watcher)).toBe('ended')
  expect(await readdir(path.join(runFolder.path, 'servers'))).toEqual([])
})
