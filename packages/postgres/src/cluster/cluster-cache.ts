import { createHash, randomUUID } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { cacheFolder, openRunFolder, passageMode, withLock } from '@vitest-lanes/server'
import type { Account } from '../engine/account.ts'
import { isWhole, pack, unpack } from './archive.ts'
import { chooseDataBase } from './bases.ts'
import { copyInto, privateFolder, sizeOf } from './copy-folder.ts'
import { closeRunFolder } from './remove-tree.ts'

/** What a kept cluster says of itself. */
export interface ClusterMeta {
  /** Of the server: `15.18`. */
  readonly version: string
  /** Bytes on disk. */
  readonly bytes: number
  /** Bytes of the template in it, 0 where there is none. */
  readonly templateBytes: number
  /** Whether it has settings or privileges of its own. */
  readonly templateExtras: boolean
  /** Its tables that are empty, by their oids; `undefined` where that is not known. */
  readonly templateEmpty?: readonly number[]
  /** The name of a clone of the template that nobody has used. */
  readonly clone?: string
}

/** What `make` is told of the cluster that was made for it. */
export interface NewCluster extends Omit<ClusterMeta, 'bytes'> {
  /** Folders that a server does not need to start: `base/1`. None where left out. */
  readonly late?: readonly string[]
}

export interface ClusterCacheOptions {
  /** The folder that holds cache and runs. */
  readonly base: string
  readonly account: Account | undefined
  /** Most clusters to keep, and most bytes of them all. */
  readonly limits?: { readonly count: number; readonly bytes: number }
  /** Is told where a cluster could not be kept for the next run. */
  readonly warn?: (line: string) => void
}

/** Data folders of stopped clusters, kept between runs. An entry appears complete, or not at all. */
export interface ClusterCache {
  /** What is known of an entry, if it is there. */
  find(key: string): Promise<ClusterMeta | undefined>
  /**
   * Copies an entry to a path where nothing is yet, all but what is needed late. Returns what copies the rest;
   * `undefined` if the entry went away meanwhile, since it was damaged for instance, and then nothing is there.
   */
  copyTo(key: string, data: string): Promise<(() => Promise<void>) | undefined>
  /**
   * Makes an entry with `build`, unless there is one or another run makes it now. `build` gets a path to fill, in memory
   * where there is room for that many bytes: it can be copied as soon as it is filled, and is kept meanwhile.
   */
  make(key: string, bytes: number, build: (data: string) => Promise<NewCluster>): Promise<ClusterMeta>
  /** Takes an entry away, so that it is made again. */
  discard(key: string): Promise<void>
  /** Resolves when all that was made is kept, and nowhere else any longer. */
  settled(): Promise<void>
}

/** What is written beside the data. */
interface StoredMeta extends ClusterMeta {
  /** Another for each one that is made, so that parts of two are not mixed. */
  readonly id: string
  /** Bytes of the archives; a part that is not among them lies in a folder. */
  readonly packed?: Readonly<Partial<Record<Part, number>>>
}

type Part = (typeof PARTS)[number]

const META = 'cluster.json'
/** What is needed at once, and what a while later: folders, or packed. */
const DATA = 'data'
const LATE = 'late'
const PARTS = [DATA, LATE] as const
const PACKED = '.tar'
/** Bytes. What is larger is not written once more to be packed. */
const MOST_PACKED = 512 * 1024 ** 2
const LIMITS = { count: 12, bytes: 4 * 1024 ** 3 }
/** An entry that was used a moment ago may be being copied. */
const IN_USE_MS = 60_000
/** Until a run that has just begun has better things to do than to wait for a disk. */
const BEGINNING_MS = 500

/** How a cluster is made here; another number with each change that those which are kept do not have. */
const FORMAT = 6

/** A key from what a cluster depends on. */
export function clusterKey(...parts: readonly unknown[]): string {
  return createHash('sha256')
    .update(JSON.stringify([FORMAT, ...parts]))
    .digest('hex')
    .slice(0, 20)
}

/** Copies an entry, late parts too; false where it is not there any longer, and then nothing is. */
export async function copyWhole(cache: ClusterCache, key: string, data: string): Promise<boolean> {
  const copyRest = await cache.copyTo(key, data)
  if (copyRest === undefined) return false
  try {
    await copyRest()
    return true
  } catch (error) {
    await rm(data, { recursive: true, force: true })
    if (error instanceof Gone) return false
    throw error
  }
}

/** What was to be copied is not there any longer. */
class Gone extends Error {}

export async function openClusterCache(options: ClusterCacheOptions): Promise<ClusterCache> {
  const { account, limits = LIMITS, warn = () => undefined } = options
  const folder = await cacheFolder('postgres-clusters', options.base)
  const entry = (key: string) => path.join(folder, key)
  /** Entries that can be copied, until they are kept. */
  const fresh = new Map<string, Fresh>()
  const pending = new Set<Promise<unknown>>()
  const ending = new AbortController()

  /** What was written down of an entry whose files have the sizes that they had then. */
  async function stored(key: string): Promise<StoredMeta | undefined> {
    try {
      const meta: StoredMeta = JSON.parse(await readFile(path.join(entry(key), META), 'utf8'))
      let bytes = 0
      for (const part of PARTS) {
        const archive = meta.packed?.[part]
        if (archive === undefined) bytes += await sizeOf(path.join(entry(key), part))
        else if ((await stat(path.join(entry(key), part + PACKED))).size !== archive) return undefined
      }
      return meta.packed === undefined && bytes !== meta.bytes ? undefined : meta
    } catch {
      return undefined
    }
  }

  async function find(key: string): Promise<ClusterMeta | undefined> {
    const meta = await stored(key)
    if (meta === undefined) return undefined
    const { packed: _packed, id: _id, ...known } = meta
    return known
  }

  /** Beside the cache, so that a rename is enough, and cleared away by the next run if this one dies. */
  async function publish(key: string, fill: (made: string, scratch: string) => Promise<void>): Promise<void> {
    const scratch = await openRunFolder({ base: options.base })
    try {
      const made = await passage(path.join(scratch.path, 'entry'))
      await fill(made, scratch.path)
      // Damaged, else nobody would have made another.
      await rename(entry(key), path.join(scratch.path, 'damaged')).catch(() => undefined)
      await rename(made, entry(key))
      await prune(folder, limits, path.join(scratch.path, 'pruned'))
    } finally {
      await closeRunFolder(scratch)
    }
  }

  /** Fills an entry with what `build` makes, in folders. */
  async function make(
    made: string,
    scratch: string,
    build: (data: string) => Promise<NewCluster>,
  ): Promise<ClusterMeta> {
    const place = await privateFolder(path.join(scratch, 'place'), account)
    const { late = [], ...known } = await build(path.join(place, DATA))
    await rename(path.join(place, DATA), path.join(made, DATA))
    for (const part of ['', 'base']) await privateFolder(path.join(made, LATE, part), account)
    for (const part of late) await rename(path.join(made, DATA, part), path.join(made, LATE, part))
    const meta: ClusterMeta = { ...known, bytes: await sizeOf(made) }
    await writeMeta(made, { ...meta, id: randomUUID() })
    return meta
  }

  /** Fills an entry with what is in folders elsewhere: packed, where that can be. */
  async function keep(from: string, meta: ClusterMeta, made: string): Promise<void> {
    const packed: Partial<Record<Part, number>> = {}
    for (const part of PARTS) {
      const [source, target] = [path.join(from, part), path.join(made, part)]
      const bytes = meta.bytes > MOST_PACKED ? undefined : await pack(source, target + PACKED, account)
      if (bytes === undefined) await copyInto(source, await privateFolder(target, account), account)
      else packed[part] = bytes
    }
    const isPacked = Object.keys(packed).length > 0
    await writeMeta(made, { ...meta, id: randomUUID(), ...(isPacked && { packed }) })
  }

  async function discard(key: string): Promise<void> {
    try {
      const scratch = await openRunFolder({ base: options.base })
      await rename(entry(key), path.join(scratch.path, 'damaged')).catch(() => undefined)
      await closeRunFolder(scratch)
    } catch {
      // It stays, and whoever needs it is told why it cannot be used.
    }
  }

  /** Takes an entry away that could not be copied for its own sake, and not since there is no room for the copy. */
  async function discardDamaged(key: string, { id, packed }: StoredMeta): Promise<void> {
    for (const part of PARTS) {
      if (packed?.[part] === undefined) continue
      const archive = path.join(entry(key), part + PACKED)
      if (await isWhole(archive).catch(() => true)) continue
      if (await isThere(key, { id })) return discard(key)
    }
  }

  /** Whether it is still this one. */
  async function isThere(key: string, { id }: Pick<StoredMeta, 'id'>): Promise<boolean> {
    return (await stored(key))?.id === id
  }

  /** Copies a part of a kept entry. Another run may take that away meanwhile, or put another in its place. */
  async function fetch(key: string, part: Part, meta: StoredMeta, data: string): Promise<void> {
    const source = path.join(entry(key), part)
    try {
      await (meta.packed?.[part] === undefined
        ? copyInto(source, data, account)
        : unpack(source + PACKED, data, account))
    } catch (error) {
      await discardDamaged(key, meta)
      if (await isThere(key, meta)) throw error
      throw new Gone('The kept data was damaged.', { cause: error })
    }
    if (!(await isThere(key, meta))) throw new Gone('The kept data was replaced while it was copied.')
  }

  /** Where it can be written fast; `ready` is called when it can be copied from there. */
  async function makeFresh(
    key: string,
    base: string,
    build: (data: string) => Promise<NewCluster>,
    ready: (meta: ClusterMeta) => void,
  ): Promise<void> {
    const scratch = await openRunFolder({ base })
    const copies = new Set<Promise<unknown>>()
    try {
      const made = await passage(path.join(scratch.path, 'entry'))
      const meta = await make(made, scratch.path, build)
      fresh.set(key, { folder: made, copies })
      ready(meta)
      await setTimeout(BEGINNING_MS, undefined, { signal: ending.signal }).catch(() => undefined)
      await publish(key, (target) => keep(made, meta, target))
    } finally {
      fresh.delete(key)
      await Promise.allSettled(copies)
      await closeRunFolder(scratch)
    }
  }

  /** On the disk, and not written once more. */
  async function makeInPlace(
    key: string,
    build: (data: string) => Promise<NewCluster>,
  ): Promise<ClusterMeta> {
    let meta: ClusterMeta | undefined
    await publish(key, async (made, scratch) => {
      meta = await make(made, scratch, build)
    })
    return meta!
  }

  return {
    find,
    async copyTo(key, data) {
      const inMemory = fresh.get(key)
      if (inMemory !== undefined) {
        const copying = copyAll(inMemory.folder, data, account)
        await track(copying, inMemory.copies).catch(async (error: unknown) => {
          await rm(data, { recursive: true, force: true })
          throw error
        })
        return async () => undefined
      }
      const now = new Date()
      const meta = await stored(key)
      if (meta === undefined) return undefined
      try {
        await utimes(entry(key), now, now).catch(() => undefined)
        await privateFolder(data, account)
        await fetch(key, DATA, meta, data)
        return () => fetch(key, LATE, meta, data)
      } catch (error) {
        await rm(data, { recursive: true, force: true })
        if (error instanceof Gone) return undefined
        throw error
      }
    },
    make(key, bytes, build) {
      return new Promise((resolve, reject) => {
        let isReady = false
        const ready = (meta: ClusterMeta) => {
          isReady = true
          resolve(meta)
        }
        const locked = withLock(
          entry(key),
          async () => {
            const known = await find(key)
            if (known !== undefined) return ready(known)
            const place = await chooseDataBase(options.base, bytes)
            if (place.inMemory || bytes <= MOST_PACKED) return makeFresh(key, place.path, build, ready)
            ready(await makeInPlace(key, build))
          },
          options.base,
        )
        void track(locked, pending).catch((error: unknown) => {
          if (isReady) warn(`PostgreSQL's data was not kept for the next run: ${String(error)}`)
          else reject(error)
        })
      })
    },
    discard,
    async settled() {
      ending.abort()
      await Promise.allSettled(pending)
    },
  }
}

async function writeMeta(folder: string, meta: StoredMeta): Promise<void> {
  await writeFile(path.join(folder, META), JSON.stringify(meta), { mode: 0o600 })
}

function track<T>(work: Promise<T>, all: Set<Promise<unknown>>): Promise<T> {
  all.add(work)
  const forget = () => void all.delete(work)
  work.then(forget, forget)
  return work
}

interface Fresh {
  readonly folder: string
  /** Those that are being made of it. */
  readonly copies: Set<Promise<unknown>>
}

/** A folder through which the server's account gets at its data, whatever the umask. */
async function passage(folder: string): Promise<string> {
  await mkdir(folder)
  await chmod(folder, passageMode())
  return folder
}

async function copyAll(from: string, to: string, account: Account | undefined): Promise<void> {
  await privateFolder(to, account)
  for (const part of PARTS) await copyInto(path.join(from, part), to, account)
}

/** Moves the entries that were not used for longest, beyond the limits, to a folder that is about to be removed. */
async function prune(
  folder: string,
  limits: { readonly count: number; readonly bytes: number },
  bin: string,
): Promise<void> {
  await mkdir(bin)
  const entries = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const place = path.join(folder, name)
      const used = (await stat(place).catch(() => undefined))?.mtimeMs ?? Date.now()
      const meta: unknown = await readFile(path.join(place, META), 'utf8').then(JSON.parse, () => undefined)
      return { name, place, used, bytes: Number(Object(meta).bytes ?? 0) }
    }),
  )
  let count = 0
  let bytes = 0
  for (const entry of entries.sort((a, b) => b.used - a.used)) {
    count++
    bytes += entry.bytes
    const excess = count > limits.count || bytes > limits.bytes
    if (!excess || Date.now() - entry.used < IN_USE_MS) continue
    await rename(entry.place, path.join(bin, entry.name)).catch(() => undefined)
  }
}
