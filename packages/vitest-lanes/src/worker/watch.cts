// Loaded before all code of a file, in its worker and in what that starts: writes down the addresses that it connects
// to, and the processes that it starts, one JSON object a line. `--require` and no ES module, so that it costs less than a
// millisecond. Loses a line rather than disturb a test.
type Socket = import('node:net').Socket
type ChildProcess = import('node:child_process').ChildProcess

interface Settings {
  /** The file to append to. */
  readonly log: string
  /** Folders of ours: no user's code. */
  readonly ours: readonly string[]
  /** Addresses of the file's own instances: `127.0.0.1:6379`, or the path of a socket. */
  readonly own: readonly string[]
}

interface Task {
  readonly type: string
  readonly name: string
  readonly suite?: Task
  readonly concurrent?: boolean
  readonly filepath?: string
}

interface WorkerState {
  readonly filepath?: string
  readonly current?: Task
}

/** Who did something, and in which test. */
interface Caller {
  readonly error: Error
  readonly test: string | undefined
}

/** How frames become a stack. */
type Print = (error: Error, frames: NodeJS.CallSite[]) => unknown

type Connect = (this: Socket, ...args: unknown[]) => Socket

const VARIABLE = 'VITEST_LANES_WATCH'
const WATCHES = Symbol.for('vitest-lanes.watches')
const FRAMES = 50
/** How long a connection has to live before it is written down, in ms: most of a well-behaved file live shorter. */
const SETTLING = 5
const LOOPBACK = new Set(['', 'localhost', '127.0.0.1', '::1', '0.0.0.0', '::'])
const FRAME = /[\s(](?:file:\/\/)?(\/[^()]*?)(?:\?[^():]*)?:(\d+):\d+\)?$/

const { findSourceMap } = require('node:module') as typeof import('node:module')
const { appendFileSync } = require('node:fs') as typeof import('node:fs')
// A test may put timers of its own in its place.
const later = setTimeout
const net = require('node:net') as typeof import('node:net')
const channels = require('node:diagnostics_channel') as typeof import('node:diagnostics_channel')

/** `127.0.0.1:6379`, however this machine is called; or the path of a socket. */
const addressOf = (args: readonly unknown[]): string | undefined => {
  const first: unknown = Array.isArray(args[0]) ? args[0][0] : args[0]
  const isNamed = typeof first === 'object' && first !== null
  const { host, port, path } = (isNamed ? first : { port: first, host: args[1] }) as Record<string, unknown>
  if (typeof path === 'string') return path
  if (typeof port === 'string' && !/^\d+$/.test(port)) return port
  if (!(Number(port) > 0)) return undefined
  const name = typeof host === 'string' ? host : ''
  return `${LOOPBACK.has(name) ? '127.0.0.1' : name}:${Number(port)}`
}

// A private field of Vitest's (4.1.12, 5.1.1): without it no test is named.
const workerState = (): WorkerState | undefined =>
  (globalThis as { __vitest_worker__?: WorkerState }).__vitest_worker__

const currentTest = (): string | undefined => {
  const { current } = workerState() ?? {}
  // Of tests that run at the same time, Vitest knows the one that began last.
  if (current?.type !== 'test' || current.concurrent === true) return undefined
  const names: string[] = []
  for (
    let task: Task | undefined = current;
    task !== undefined && task.filepath === undefined;
    task = task.suite
  )
    names.unshift(task.name)
  return names.join(' > ')
}

/**
 * The user's line that is nearest, and the package that was called from there. Of the frames above it only the files are
 * looked at: to print all of them, mapped to their sources, would take ten times as long.
 */
const callSite = (called: Error, settings: Settings): { at?: string; via?: string } => {
  const stacks: { prepareStackTrace?: Print | undefined } = Error
  const before = stacks.prepareStackTrace
  const found: { at?: string; via?: string } = {}
  try {
    stacks.prepareStackTrace = (error, frames) => {
      for (const frame of frames) {
        const file = pathOf(frame)
        if (
          file === undefined ||
          file === __filename ||
          settings.ours.some((folder) => file.startsWith(folder))
        )
          continue
        const inside = file.lastIndexOf('/node_modules/')
        if (inside === -1) {
          found.at = placeOf(frame, file, error, before)
          break
        }
        const [name = '', second = ''] = file.slice(inside + 14).split('/')
        found.via ??= name.startsWith('@') ? `${name}/${second}` : name
      }
      return ''
    }
    void called.stack
  } finally {
    stacks.prepareStackTrace = before
  }
  return found
}

/** Who called: V8 keeps the frames, and prints them when somebody asks. */
const called = (): Error => {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = FRAMES
  const error = new Error()
  Error.stackTraceLimit = stackTraceLimit
  return error
}

const pathOf = (frame: NodeJS.CallSite): string | undefined => {
  const name = frame.getFileName()
  if (typeof name !== 'string') return undefined
  const path = name.replace(/^file:\/\//, '').replace(/\?.*$/, '')
  return path.startsWith('/') ? decoded(path) : undefined
}

/** Path and line, in the source where whoever prints stacks can tell: Vitest's module runner, or Node.js by its source maps. */
const placeOf = (frame: NodeJS.CallSite, file: string, error: Error, print: Print | undefined): string => {
  const line = frame.getLineNumber() ?? 0
  if (typeof print === 'function') {
    const [, source, mapped] = FRAME.exec(String(print(error, [frame]))) ?? []
    return source === undefined ? `${file}:${line}` : `${decoded(source)}:${mapped}`
  }
  const entry = findSourceMap(file)?.findEntry(line - 1, (frame.getColumnNumber() ?? 1) - 1)
  return entry !== undefined && 'originalLine' in entry
    ? `${decoded(entry.originalSource.replace(/^file:\/\//, ''))}:${entry.originalLine + 1}`
    : `${file}:${line}`
}

const decoded = (path: string): string => {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

const callerOf = (): Caller => ({ error: called(), test: currentTest() })

/** A process that was up before its file is told later what it is: then they are there when something happens. */
let known: Settings | undefined
const settingsNow = (): Settings | undefined => {
  const given = process.env[VARIABLE]
  if (known === undefined && given !== undefined) known = JSON.parse(given) as Settings
  return known
}

const write = (settings: Settings, ...all: readonly object[]): void => {
  try {
    const lines = all.map((what) => `${JSON.stringify({ pid: process.pid, ...what })}\n`)
    appendFileSync(settings.log, lines.join(''))
  } catch {
    // The run is over, or the disk full.
  }
}

const origin = (settings: Settings, { error, test }: Caller): object => ({
  ...callSite(error, settings),
  ...(test !== undefined && { test }),
})

const watch = (): void => {
  const seen = new Set<string>()

  let opened: { readonly socket: Socket; readonly caller: Caller }[] = []
  const writeOpen = (settings: Settings): void => {
    // The port on our side is how the server knows it; one that is closed is none of its clients.
    const open = opened.filter(({ socket }) => !socket.destroyed && socket.localPort !== undefined)
    opened = []
    if (open.length > 0)
      write(
        settings,
        ...open.map(({ socket, caller }) => ({ from: socket.localPort, ...origin(settings, caller) })),
      )
  }

  const connecting = (socket: Socket, args: readonly unknown[]): void => {
    const settings = settingsNow()
    const address = addressOf(args)
    if (settings === undefined || address === undefined) return
    if (settings.own.includes(address)) {
      const caller = callerOf()
      socket.once('connect', () => {
        if (opened.push({ socket, caller }) === 1) later(() => writeOpen(settings), SETTLING).unref()
      })
      return
    }
    const once = `${workerState()?.filepath ?? ''} ${address}`
    if (seen.has(once)) return
    seen.add(once)
    write(settings, { to: address, ...origin(settings, callerOf()) })
  }

  // The channel `net.client.socket` does not say where a socket leads to, and on Node.js 20 is silent about
  // `new Socket().connect()`, which is how pg connects (20.20).
  // oxlint-disable-next-line typescript/unbound-method, typescript/no-unsafe-type-assertion -- called with `this`
  const connect = net.Socket.prototype.connect as unknown as Connect
  const watched: Connect = function (...args) {
    try {
      connecting(this, args)
    } catch {
      // Whatever it is, it is not the test's fault.
    }
    return connect.apply(this, args)
  }
  Object.defineProperty(net.Socket.prototype, 'connect', {
    value: watched,
    configurable: true,
    writable: true,
  })

  channels.subscribe('child_process', (message) => {
    const settings = settingsNow()
    if (settings === undefined) return
    const { process: child } = message as { process: ChildProcess }
    const from = origin(settings, callerOf())
    // It has its number when the call that starts it has returned.
    queueMicrotask(() => {
      if (child.pid !== undefined)
        write(settings, {
          child: child.pid,
          command: child.spawnfile,
          script: scriptOf(child.spawnargs),
          ...from,
        })
    })
  })
}

/** The script that a Node.js runs. Anything else may be a password. */
const scriptOf = (args: readonly string[]): string | undefined =>
  args.slice(1).find((arg) => /^[^-].*\.[cm]?[jt]s$/.test(arg))

// A Vitest within a test may load another copy of this.
const loaded = process as { [WATCHES]?: true }
if (loaded[WATCHES] === undefined) {
  loaded[WATCHES] = true
  try {
    settingsNow()
    watch()
  } catch {
    // Not ours.
  }
}
