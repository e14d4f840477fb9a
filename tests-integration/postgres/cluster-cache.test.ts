import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findBinary } from '@vitest-lanes/server'
import { expect, onTestFinished, test } from 'vitest'
import { openClusterCache } from '../../packages/postgres/dist/cluster/cluster-cache.js'
import { privateFolder } from '../../packages/postgres/dist/cluster/copy-folder.js'

const META = { version: '18.4', templateBytes: 7, templateExtras: false }
const MB = 1024 ** 2

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'lanes cache '))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

/** A cache in a folder of its own, and what makes an entry with two databases, of which one is needed late. */
async function openCache() {
  const base = await folder()
  const cache = await openClusterCache({ base, account: undefined })
  let made = 0
  const make = async (bytes = MB) => {
    const meta = await cache.make('key', bytes, async (data) => {
      made++
      await privateFolder(data, undefined)
      for (const oid of ['1', '5']) {
        await mkdir(path.join(data, 'base', oid), { recursive: true, mode: 0o700 })
        await writeFile(path.join(data, 'base', oid, 'PG_VERSION'), oid)
      }
      return { ...META, late: ['base/1'] }
    })
    return meta
  }
  const copy = async () => {
    const data = path.join(await folder(), 'data')
    const copyRest = await cache.copyTo('key', data)
    if (copyRest === undefined) return undefined
    const before = await readdir(path.join(data, 'base'))
    await copyRest()
    const texts = ['1', '5'].map((oid) => readFile(path.join(data, 'base', oid, 'PG_VERSION'), 'utf8'))
    return { before, texts: await Promise.all(texts) }
  }
  const entry = path.join(base, 'cache', 'postgres-clusters', 'key')
  return { cache, make, copy, entry, base, made: () => made }
}

test('what is made can be copied at once, and is kept as two archives', async () => {
  const { cache, make, copy, entry } = await openCache()
  expect(await make()).toMatchObject(META)
  expect(await copy()).toMatchObject({ texts: ['1', '5'] })
  await cache.settled()
  expect(await readdir(entry)).toEqual(['cluster.json', 'data.tar', 'late.tar'])
  expect(await copy()).toEqual({ before: ['5'], texts: ['1', '5'] })
  expect(await cache.find('key')).toMatchObject(META)
})

test('what is large stays in its folders', async () => {
  const { cache, make, copy, entry } = await openCache()
  // The disk is where the cache is, and memory has no room for so much.
  await make(2 ** 50)
  await cache.settled()
  expect(await readdir(entry)).toEqual(['cluster.json', 'data', 'late'])
  expect(await copy()).toEqual({ before: ['5'], texts: ['1', '5'] })
})

test('where the machine has no tar, it is kept in folders', async () => {
  const { cache, make, copy, entry } = await openCache()
  const programs = await folder()
  for (const name of ['cp', 'rm']) await symlink((await findBinary([name]))!, path.join(programs, name))
  const { PATH } = process.env
  process.env['PATH'] = programs
  try {
    await make()
    await cache.settled()
    expect(await readdir(entry)).toEqual(['cluster.json', 'data', 'late'])
    expect(await copy()).toEqual({ before: ['5'], texts: ['1', '5'] })
  } finally {
    process.env['PATH'] = PATH
  }
})

test.each(['data.tar', 'late.tar', 'cluster.json'])('one that is damaged is made again: %s', async (name) => {
  const { cache, make, copy, entry, made } = await openCache()
  await make()
  await cache.settled()
  await truncate(path.join(entry, name), 0)

  expect(await cache.find('key')).toBeUndefined()
  expect(await copy()).toBeUndefined()
  await make()
  await cache.settled()
  expect(made()).toBe(2)
  expect(await copy()).toMatchObject({ texts: ['1', '5'] })
})

test.each([
  ['data.tar', undefined],
  ['late.tar', 'The kept data was damaged.'],
])('one that cannot be unpacked is no longer there: %s', async (name, outcome) => {
  const { cache, make, copy, entry, made } = await openCache()
  await make()
  await cache.settled()
  const archive = path.join(entry, name)
  await writeFile(archive, Buffer.alloc((await stat(archive)).size, 'x'))

  expect(await copy().catch((error: unknown) => Object(error).message)).toEqual(outcome)
  expect(await cache.find('key')).toBeUndefined()
  await make()
  await cache.settled()
  expect(made()).toBe(2)
})

test('one that is large is as large as it was, or made again', async () => {
  const { cache, make, entry } = await openCache()
  await make(2 ** 50)
  await cache.settled()
  await truncate(path.join(entry, 'data', 'base', '5', 'PG_VERSION'), 0)
  expect(await cache.find('key')).toBeUndefined()
})

test('one that is damaged and cannot be taken away is an error, and not looked for again', async () => {
  const { cache, make, copy, entry, base } = await openCache()
  await make()
  await cache.settled()
  await writeFile(
    path.join(entry, 'data.tar'),
    Buffer.alloc((await stat(path.join(entry, 'data.tar'))).size, 'x'),
  )
  // Where others may write, nothing of ours is made.
  await chmod(base, 0o777)
  await expect(copy()).rejects.toThrow('tar')
})

test('one that could not be copied for want of a place stays', async () => {
  const { cache, make } = await openCache()
  await make()
  await cache.settled()
  const taken = await folder()
  await expect(cache.copyTo('key', taken)).rejects.toMatchObject({ code: 'EEXIST' })
  expect(await cache.find('key')).toMatchObject(META)
})

test('parts of two are not mixed', async () => {
  const { cache, make, entry } = await openCache()
  await make()
  await cache.settled()
  const copyRest = await cache.copyTo('key', path.join(await folder(), 'data'))
  await cache.discard('key')
  await make()
  await cache.settled()
  expect(await readdir(entry)).toContain('late.tar')
  await expect(copyRest?.()).rejects.toThrow('replaced')
})
