import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { defaultBase } from '@vitest-lanes/server'
import { expect, onTestFinished, test } from 'vitest'
import { chooseCacheBase, chooseDataBase } from '../../packages/postgres/dist/cluster/bases.js'
import { canReach } from '../../packages/postgres/dist/engine/account.js'

test('what does not fit into memory goes beside the cache', async () => {
  expect(await chooseDataBase('/somewhere', 2 ** 52)).toEqual({ path: '/somewhere', inMemory: false })
})

test('an account reaches a folder only if every folder above lets it pass', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'lanes-reach-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const stranger = { name: 'stranger', uid: 54_321, gid: 54_321 }
  const { uid = 0, gid = 0 } = { uid: process.getuid?.(), gid: process.getgid?.() }
  expect(await canReach(undefined, folder)).toBe(true)
  expect(await canReach(stranger, folder)).toBe(false)
  expect(await canReach({ name: 'owner', uid, gid }, folder)).toBe(true)
  expect(await canReach(stranger, path.join(folder, 'missing'))).toBe(false)
})

test('the cache is in the temporary folder, and in /tmp where the account cannot reach that', async () => {
  expect(await chooseCacheBase(undefined)).toBe(defaultBase())
  const folder = await mkdtemp(path.join(tmpdir(), 'lanes-reach-'))
  const before = process.env['TMPDIR']
  onTestFinished(async () => {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
    await rm(folder, { recursive: true })
  })
  process.env['TMPDIR'] = folder
  expect(await chooseCacheBase({ name: 'stranger', uid: 54_321, gid: 54_321 })).toBe(defaultBase('/tmp'))
})
