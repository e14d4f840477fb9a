import { statfs } from 'node:fs/promises'
import { freemem, tmpdir } from 'node:os'
import { defaultBase } from '@vitest-lanes/server'
import { canReach, type Account } from '../engine/account.ts'

export interface Bases {
  /** For what is kept between runs. */
  readonly cache: string
  /** For the data of this run. */
  readonly data: string
  readonly inMemory: boolean
}

const MEMORY = '/dev/shm'
/** What a cluster and a few clones of a small template take. */
const LEAST = 512 * 1024 ** 2

/**
 * Where the server's files go: in memory where there is room for `bytes`, else in the temporary folder; `/tmp` where
 * `account` cannot reach that one.
 */
export async function chooseBases(account: Account | undefined): Promise<Bases> {
  const cache = (await canReach(account, tmpdir())) ? defaultBase() : defaultBase('/tmp')
  const inMemory = await hasRoom(LEAST)
  return { cache, data: inMemory ? defaultBase(MEMORY) : cache, inMemory }
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
