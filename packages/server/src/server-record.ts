import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { processIdentity } from './process-identity.ts'
import { SERVERS } from './run-folder.ts'

/** Signals that end a server. PostgreSQL: smart, fast, immediate. */
export type StopSignal = 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGKILL'

/** What the next run must know to end a server whose run and watcher have died. */
export interface ServerRecord {
  readonly name: string
  readonly pid: number
  readonly identity: string
  readonly killSignal: StopSignal
}

/** Writes down that a server lives. Returns what strikes it out. */
export async function recordServer(runFolder: string, record: ServerRecord): Promise<() => Promise<void>> {
  const file = path.join(runFolder, SERVERS, `${record.pid}.json`)
  await writeFile(file, JSON.stringify(record), { mode: 0o600 })
  return () => rm(file, { force: true })
}

export async function readServerRecords(runFolder: string): Promise<ServerRecord[]> {
  const folder = path.join(runFolder, SERVERS)
  const names = await readdir(folder).catch(() => [])
  const records: ServerRecord[] = []
  for (const name of names) {
    try {
      const record: unknown = JSON.parse(await readFile(path.join(folder, name), 'utf8'))
      if (isRecord(record)) records.push(record)
    } catch {
      // Half written: its server was still waiting to be let go, and ended with its run.
    }
  }
  return records
}

function isRecord(value: unknown): value is ServerRecord {
  const record: Partial<Record<keyof ServerRecord, unknown>> = Object(value)
  return (
    typeof record.name === 'string' &&
    typeof record.pid === 'number' &&
    typeof record.identity === 'string' &&
    (record.killSignal === 'SIGTERM' ||
      record.killSignal === 'SIGINT' ||
      record.killSignal === 'SIGQUIT' ||
      record.killSignal === 'SIGKILL')
  )
}

/** Ends a recorded server, if its number still means the process that was recorded. */
export async function endRecordedServer(record: ServerRecord, patience = 5_000): Promise<void> {
  const lives = async () => (await processIdentity(record.pid)) === record.identity
  for (const signal of [record.killSignal, 'SIGKILL'] as const) {
    if (!(await lives())) return
    try {
      process.kill(record.pid, signal)
    } catch {
      return
    }
    const deadline = Date.now() + patience
    while (Date.now() < deadline) {
      if (!(await lives())) return
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}
