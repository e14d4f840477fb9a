import { writeSync } from 'node:fs'
import { Socket, type ConnectOpts, type SocketConstructorOpts } from 'node:net'
import type { Connections, Inlet } from './connections.ts'

/** Above this, a connection is not writable until what it has was sent: Valkey's own output limits can work then. */
const MOST_UNSENT = 256 * 1024
/** What all sockets of a thread are read into: what has come is taken out before another is read. */
const READ = 64 * 1024

/** What lies below a socket of Node.js (20.19 to 24). */
interface Handle {
  /** Of the system; below zero once it is closed. */
  readonly fd: number
}

/** Connects a socket that was accepted with `pauseOnConnect`, so that nobody has read from it. */
export function createDoor(connections: Connections): (accepted: Socket) => void {
  const buffer = Buffer.alloc(READ)
  return (accepted) => {
    let inlet: Inlet | undefined
    const read = (length: number): boolean => {
      inlet?.receive(buffer.subarray(0, length))
      return true
    }
    const handle = handleOf(accepted)
    const socket = handle === undefined ? accepted : reading(handle, buffer, read)
    inlet = connections.connect({
      port: socket.remotePort ?? 0,
      send(memory, start, length) {
        const sent = socket.writableLength > 0 ? 0 : writeNow(handle, memory, start, length)
        if (sent === length) return true
        socket.write(Buffer.from(memory.subarray(start + sent, start + length)))
        return socket.writableLength < MOST_UNSENT
      },
      close: (abrupt) => (abrupt ? socket.destroy() : socket.destroySoon()),
    })
    const { receive, end, drained } = inlet
    if (handle === undefined) socket.on('data', receive).resume()
    socket.on('drain', drained)
    for (const event of ['end', 'close', 'error']) socket.on(event, end)
    socket.setNoDelay(true)
  }
}

/**
 * The same connection as another socket, which is read into one buffer: `onread` is not for sockets that a server has
 * accepted. A stream takes 64 KB for each read and half a dozen calls to hand it on, half of what a short command takes.
 */
function reading(handle: Handle, buffer: Buffer, callback: (length: number) => boolean): Socket {
  const options: SocketConstructorOpts & ConnectOpts & { handle: Handle } = {
    handle,
    onread: { buffer, callback },
  }
  return new Socket(options)
}

/** Takes it from the socket, which is of no use from here on; undefined where Node.js keeps it elsewhere. */
function handleOf(accepted: Socket): Handle | undefined {
  const { _handle: handle } = Object(accepted)
  if (typeof Object(handle).fd !== 'number') return undefined
  return Object.assign(accepted, { _handle: null }) && handle
}

/** Past the stream, whose bookkeeping takes longer than the system's part. Returns how much was taken. */
function writeNow(handle: Handle | undefined, memory: Buffer, start: number, length: number): number {
  const fd = handle?.fd ?? -1
  if (fd < 0) return 0
  try {
    return writeSync(fd, memory, start, length)
  } catch {
    // Full, or gone: the stream finds out which.
    return 0
  }
}
