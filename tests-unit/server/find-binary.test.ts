import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findBinary } from '@vitest-lanes/server'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'find '))
  await mkdir(path.join(folder, 'path'))
  await mkdir(path.join(folder, 'usual'))
  vi.stubEnv('PATH', `relative${path.delimiter}${path.join(folder, 'path')}`)
})
afterEach(() => {
  vi.unstubAllEnvs()
  return rm(folder, { recursive: true })
})

async function binary(name: string, mode = 0o755): Promise<string> {
  const file = path.join(folder, name)
  await writeFile(file, '')
  await chmod(file, mode)
  return file
}

const find = () => findBinary(['valkey-server', 'redis-server'], [path.join(folder, 'usual')])

test('the first name wins where both are on the PATH', async () => {
  await binary('path/redis-server')
  const valkey = await binary('path/valkey-server')
  expect(await find()).toBe(valkey)
})

test('the PATH wins over the usual folders', async () => {
  await binary('usual/valkey-server')
  const redis = await binary('path/redis-server')
  expect(await find()).toBe(redis)
})

test('what is no program is passed over', async () => {
  await binary('path/valkey-server', 0o644)
  await mkdir(path.join(folder, 'path', 'redis-server'))
  const usual = await binary('usual/redis-server')
  expect(await find()).toBe(usual)
})

test('nothing is found where there is nothing', async () => {
  expect(await find()).toBeUndefined()
})
