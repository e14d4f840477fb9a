import { statfs } from 'node:fs/promises'
import { freemem, tmpdir } from 'node:os'
import { defaultBase } from '@vitest-lanes/server'
import { canReach, type Account } from '../engine/account.ts'

const MEMORY = '/dev/shm'
/** What a server and a few clones of a small template take. */
const LEAST = 512 * 1024 ** 2

/** Where what is kept between runs goes: the temporary folder, or `/tmp` where `account` cannot reach that one. */
export async function chooseCacheBase(account: Account | undefined): Promise<string> {
  return (await canReach(account, tmpdir())) ? defaultBase() : defaultBase('/tmp')
}

/** Where the data of this run goes: in memory where there is room for that many bytes, else beside the cache. */
export async function chooseDataBase(cacheBase: string, bytes = 0): Promise<DataBase> {
  const inMemory = await hasRoom(LEAST + bytes)
  return { path: inMemory ? defaultBase(MEMORY) : cacheBase, inMemory }
}

export interface DataBase {
  readonly path: string
  readonly inMemory: boolean
}

async function hasRoom(bytes: number): Promise<boolean> {
  if (process.platform !== 'linux') return false
  // A container may hold less memory than its machine; tmpfs counts against it.
  const limit = process.constrainedMemory() || Number.MAX_SAFE_INTEGER
  if (Math.min(freemem(), limit) < 2 * bytes) return false
  try {
    const { bavail, bsize } = await statfs(MEMORY)
    return bavail * bsize >= bytes
  } catch {
    return false
  }
}
