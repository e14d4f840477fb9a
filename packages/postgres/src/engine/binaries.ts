import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Engine } from '@vitest-lanes/server'

/** The programs of one PostgreSQL. */
export interface Binaries {
  readonly engine: Engine
  readonly initdb: string
  readonly postgres: string
  /** The same for the same build in the same place: what it made may be kept for as long. */
  readonly id: string
}

export async function binariesIn(engine: Engine, folder: string): Promise<Binaries | undefined> {
  const initdb = path.join(folder, 'initdb')
  const postgres = path.join(folder, 'postgres')
  try {
    const [file] = await Promise.all([realpath(postgres), stat(initdb)])
    const { size, mtimeMs } = await stat(file)
    const id = createHash('sha256')
      .update(JSON.stringify([file, size, mtimeMs]))
      .digest('hex')
      .slice(0, 12)
    return { engine, initdb, postgres, id }
  } catch {
    return undefined
  }
}

/** What `postgres --version` says: `15.18`, `19beta1`. `undefined` if it cannot run. */
export async function versionOf(binaries: Pick<Binaries, 'postgres'>): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(binaries.postgres, ['--version'], { timeout: 10_000 })
    return /\(PostgreSQL\) (\S+)/.exec(stdout)?.[1]
  } catch {
    return undefined
  }
}
