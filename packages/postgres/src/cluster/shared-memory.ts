import { execFile } from 'node:child_process'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { cacheFolder, processIdentity } from '@vitest-lanes/server'

/**
 * PostgreSQL guards its data folder with a System V segment of 56 bytes (seen on 15 and 18). It removes that itself,
 * unless it is killed with SIGKILL; then nothing else does before the next boot.
 */
interface SegmentRecord {
  readonly id: number
  readonly pid: number
  readonly identity: string
}

const run = promisify(execFile)

/** How often to look whether a server that starts has made its segment, in ms: it may be killed at any moment. */
const LOOK_MS = 5

/**
 * Writes down which segment a server makes, as soon as it has made it: from before the server is started until `known` is
 * asked for. That resolves with what removes segment and record when the server has ended.
 */
export function recordSegment(data: string, base: string): { known(): Promise<() => Promise<void>> } {
  const asked = new AbortController()
  const watching = (async () => {
    let record = await segmentOf(data)
    while (record === undefined && !asked.signal.aborted) {
      await setTimeout(LOOK_MS, undefined, { signal: asked.signal }).catch(() => undefined)
      record = await segmentOf(data)
    }
    if (record === undefined) return () => Promise.resolve()
    const file = path.join(await cacheFolder('postgres-segments', base), `${record.pid}-${record.id}.json`)
    await writeFile(file, JSON.stringify(record), { mode: 0o600 })
    return () => clear(file, record)
  })()
  // Whoever asks is told.
  watching.catch(() => undefined)
  return {
    known() {
      asked.abort()
      return watching
    },
  }
}

/** What `postmaster.pid` says: its first line is the process, its seventh key and id of the segment. */
async function segmentOf(data: string): Promise<SegmentRecord | undefined> {
  const lines = (await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  const pid = Number(lines[0])
  const id = Number(lines[6]?.trim().split(/\s+/)[1])
  if (!Number.isInteger(id) || !(pid > 0)) return undefined
  return { id, pid, identity: (await processIdentity(pid)) ?? '' }
}

/** Removes the segments of servers that were killed. */
export async function sweepSegments(base: string): Promise<void> {
  const folder = await cacheFolder('postgres-segments', base)
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name)
    const text = await readFile(file, 'utf8').catch(() => '')
    const record = parse(text)
    if (record === undefined) continue
    if ((await processIdentity(record.pid)) !== record.identity) await clear(file, record)
  }
}

/**
 * Segments of servers in the folders of runs, those among them that were killed before they could be written down. Ask before
 * dead runs are swept: returns what then removes those of runs that have gone.
 */
export async function segmentsOfRuns(base: string): Promise<() => Promise<void>> {
  const runs = (await readdir(base).catch(() => [])).map((name) => path.join(base, name))
  const found = await Promise.all(
    runs.map(async (folder) => {
      const names = await readdir(folder).catch(() => [])
      const records = await Promise.all(names.map((name) => segmentOf(path.join(folder, name))))
      return { folder, records: records.filter((record) => record !== undefined) }
    }),
  )
  return async () => {
    for (const { folder, records } of found) {
      if (records.length === 0 || (await readdir(folder).catch(() => undefined)) !== undefined) continue
      for (const record of records)
        if ((await processIdentity(record.pid)) !== record.identity) await removeSegment(record)
    }
  }
}

async function removeSegment({ id, pid }: SegmentRecord): Promise<void> {
  // Ids are used again: only one that the same process made is ours.
  if ((await makerOf(id)) === pid) await run('ipcrm', ['-m', String(id)]).catch(() => undefined)
}

async function clear(file: string, record: SegmentRecord): Promise<void> {
  await removeSegment(record)
  await rm(file, { force: true })
}

/** The process that made a segment, if there is such a segment. */
async function makerOf(id: number): Promise<number | undefined> {
  if (process.platform === 'linux') {
    // key, shmid, perms, size, cpid
    const table = await readFile('/proc/sysvipc/shm', 'utf8').catch(() => '')
    return column(table, (fields) => Number(fields[1]) === id, 4)
  }
  // T, ID, KEY, MODE, OWNER, GROUP, CPID
  const { stdout } = await run('ipcs', ['-m', '-p']).catch(() => ({ stdout: '' }))
  return column(stdout, (fields) => fields[0] === 'm' && Number(fields[1]) === id, 6)
}

function column(table: string, wanted: (fields: string[]) => boolean, index: number): number | undefined {
  const fields = table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(wanted)
  return fields === undefined ? undefined : Number(fields[index])
}

function parse(text: string): SegmentRecord | undefined {
  try {
    const record: unknown = JSON.parse(text)
    const { id, pid, identity } = Object(record)
    const whole = typeof id === 'number' && typeof pid === 'number' && typeof identity === 'string'
    return whole ? { id, pid, identity } : undefined
  } catch {
    return undefined
  }
}
