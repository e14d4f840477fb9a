import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { OpenInstance } from '@vitest-lanes/core'
import { processIdentity } from '@vitest-lanes/server'
import { query } from './provider.ts'

/** The server behind an instance: its main process and its folders. */
export interface ServerProcess {
  readonly pid: number
  readonly runFolder: string
  lives(): Promise<boolean>
  /** Shared memory segments that it made and that are still there. Empty where they cannot be told. */
  segments(): string[]
}

export async function serverOf(instance: OpenInstance | string): Promise<ServerProcess> {
  const [row] = await query(instance, 'show data_directory')
  const data = String(row?.['data_directory'])
  const pid = Number(readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
  const identity = await processIdentity(pid)
  return {
    pid,
    runFolder: path.dirname(data),
    lives: async () => (await processIdentity(pid)) === identity,
    segments() {
      if (!existsSync('/proc/sysvipc/shm')) return []
      const table = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n')
      return table.filter((line) => Number(line.trim().split(/\s+/)[4]) === pid)
    },
  }
}
