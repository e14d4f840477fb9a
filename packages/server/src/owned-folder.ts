import { randomBytes } from 'node:crypto'
import { readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import path from 'node:path'
import { makeFolder } from './base.ts'
import { processIdentity } from './process-identity.ts'
import { removeFolder } from './remove-folder.ts'

const SOCKET = 'owner.sock'
const MARKER = 'owner.json'

/** Folders that are still being made bear this in front: nobody waits for them, and no age is held against them soon. */
export const UNFINISHED = 'new-'

interface Marker {
  readonly pid: number
  readonly identity?: string | undefined
}

/** A folder with a lock inside that dies with this process. */
export interface OwnedFolder {
  readonly path: string
  /** Gives the lock up; the folder stays. */
  release(): Promise<void>
}

/**
 * Makes a folder that this process owns, all at once: it appears under its name only when its lock is held.
 * The lock is a listening Unix socket: the system closes it when its process dies, however that happens.
 * Resolves with `undefined` if there is a folder of that name.
 */
export async function createOwnedFolder(target: string, mode: number): Promise<OwnedFolder | undefined> {
  const unfinished = path.join(path.dirname(target), `${UNFINISHED}${randomBytes(5).toString('hex')}`)
  await makeFolder(unfinished, mode)
  const marker: Marker = { pid: process.pid, identity: await processIdentity(process.pid) }
  await writeFile(path.join(unfinished, MARKER), JSON.stringify(marker), { mode: 0o600 })
  const release = await listen(path.join(unfinished, SOCKET))
  try {
    // Fails if the target is there, since an owned folder is never empty. A bound socket moves with its folder.
    await rename(unfinished, target)
  } catch (error) {
    await release()
    await removeFolder(unfinished)
    if (isCode(error, 'EEXIST', 'ENOTEMPTY')) return undefined
    throw error
  }
  return { path: target, release }
}

async function listen(socketPath: string): Promise<() => Promise<void>> {
  const waiting = new Set<Socket>()
  const server: Server = createServer((socket) => {
    waiting.add(socket.unref())
    socket.on('error', () => socket.destroy()).on('close', () => waiting.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(socketPath, resolve)
  })
  server.unref()
  return async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of waiting) socket.destroy()
    await closed
  }
}

/** `missing`: there is no lock, so nothing is proven. */
export type Ownership = 'alive' | 'dead' | 'missing'

/** Whether the owner of a folder lives. Whatever cannot be told counts as alive. */
export async function ownershipOf(folder: string): Promise<Ownership> {
  const { code, socket } = await knock(folder)
  socket.destroy()
  if (code === 'ENOENT') return 'missing'
  if (code !== 'ECONNREFUSED') return 'alive'
  // macOS also refuses when a live owner's queue is full.
  const marker = await readMarker(folder)
  const lives = marker?.identity !== undefined && (await processIdentity(marker.pid)) === marker.identity
  return lives && marker.pid !== process.pid ? 'alive' : 'dead'
}

/**
 * Whether we made the folder: it holds our marker, or nothing but what is there before the marker is complete, for a
 * process can be killed in between.
 */
export async function bearsMarker(folder: string): Promise<boolean> {
  if ((await readMarker(folder)) !== undefined) return true
  const names = await readdir(folder).catch(() => undefined)
  return names?.every((name) => name === MARKER || name === SOCKET) ?? false
}

/**
 * Removes an owned folder, what proves that it is ours at the very end: whoever is killed midway leaves a folder that
 * the next sweep still knows.
 */
export async function removeOwnedFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  const rest = names.filter((name) => name !== MARKER && name !== SOCKET)
  await Promise.all(rest.map((name) => removeEntry(path.join(folder, name))))
  await removeFolder(folder)
}

async function removeEntry(entry: string): Promise<void> {
  // What is no folder is unlinked, unseen.
  await unlink(entry).catch(() => removeFolder(entry))
}

/** Resolves when the folder's owner has given up its lock or died; at once if that is so already. */
export async function ownerGone(folder: string): Promise<void> {
  const { code, socket } = await knock(folder)
  if (code === undefined) await new Promise<void>((resolve) => socket.once('close', () => resolve()).resume())
  socket.destroy()
}

function knock(folder: string): Promise<{ code: string | undefined; socket: Socket }> {
  const socket = connect(path.join(folder, SOCKET))
  return new Promise((resolve) => {
    socket.once('connect', () => resolve({ code: undefined, socket }))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve({ code: error.code ?? 'UNKNOWN', socket }))
  })
}

async function readMarker(folder: string): Promise<Marker | undefined> {
  try {
    const marker: unknown = JSON.parse(await readFile(path.join(folder, MARKER), 'utf8'))
    return isMarker(marker) ? marker : undefined
  } catch {
    return undefined
  }
}

function isMarker(value: unknown): value is Marker {
  return typeof value === 'object' && value !== null && 'pid' in value && typeof value.pid === 'number'
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
