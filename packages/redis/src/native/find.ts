import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { findBinary } from '@vitest-lanes/server'

const NAMES = ['valkey-server', 'redis-server']
/** Where Homebrew, MacPorts and distributions put them, if that is not on the PATH. */
const FOLDERS = [
  '/opt/homebrew/bin',
  '/usr/local/bin',
  '/opt/local/bin',
  '/usr/bin',
  '/usr/sbin',
  '/snap/bin',
]

export interface Binary {
  readonly path: string
  /** `redis-server 7.0.15`. */
  readonly name: string
}

/** The server binary of this machine. One that cannot say its version cannot serve either. */
export async function findNative(): Promise<Binary | undefined> {
  const found = await findBinary(NAMES, FOLDERS)
  if (found === undefined) return undefined
  try {
    const { stdout } = await promisify(execFile)(found, ['--version'], { timeout: 5_000 })
    const version = /\bv=(\S+)/.exec(stdout)?.[1]
    return version === undefined ? undefined : { path: found, name: `${path.basename(found)} ${version}` }
  } catch {
    return undefined
  }
}
