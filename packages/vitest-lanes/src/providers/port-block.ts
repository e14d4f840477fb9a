import { randomInt } from 'node:crypto'
import { createServer, type Server } from 'node:net'

/**
 * Ports below those that Linux (from 32768) and macOS (from 49152) hand out by themselves: no connection of a process
 * that chose none takes one.
 */
const FIRST = 20_480
const LAST = 26_623
/** Ports of a block; the first is its lock. */
const SIZE = 32
const LOOPBACK = '127.0.0.1'

/** A row of ports that no other run on this machine gets while this process lives. */
export interface PortBlock {
  readonly ports: readonly number[]
  release(): Promise<void>
}

/**
 * Takes a block. Its lock is a listening socket on its first port, which the system closes however this process ends,
 * so that nothing is left to clear. `undefined`: all blocks are taken.
 */
export async function takePortBlock(): Promise<PortBlock | undefined> {
  const count = (LAST + 1 - FIRST) / SIZE
  const begin = randomInt(count)
  for (let index = 0; index < count; index++) {
    const first = FIRST + ((begin + index) % count) * SIZE
    const lock = await listen(first, LOOPBACK)
    if (typeof lock === 'string') continue
    return {
      ports: Array.from({ length: SIZE - 1 }, (_, offset) => first + 1 + offset),
      release: () => close(lock),
    }
  }
  return undefined
}

/** Whether a server could listen on the port now, on loopback and on every interface, of either family. */
export async function isFree(port: number): Promise<boolean> {
  for (const host of [LOOPBACK, '0.0.0.0', '::1', '::']) {
    const server = await listen(port, host)
    // A machine without IPv6 does not have two of them.
    if (server === 'EADDRNOTAVAIL' || server === 'EAFNOSUPPORT') continue
    if (typeof server === 'string') return false
    await close(server)
  }
  return true
}

/** A server that listens, or the code of the error. */
function listen(port: number, host: string): Promise<Server | string> {
  const server = createServer((socket) => socket.destroy())
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'UNKNOWN'))
    server.listen({ port, host, exclusive: true }, () => resolve(server.unref()))
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}
