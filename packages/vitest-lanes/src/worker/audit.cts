// Loaded before all code of a file that `vitest-lanes audit` runs, and in the Node.js processes that it starts: writes down
// the ports that it listens on, the files that it writes outside of the temporary folder, and the variables that it reads,
// one JSON object a line. What cannot be seen from outside of a process, that is; loses a line rather than disturb a test.
type Fs = typeof import('node:fs')
type AnyFunction = (this: unknown, ...args: unknown[]) => unknown

interface Settings {
  /** The file to append to. */
  readonly log: string
  /** Vitest's root: a file below it is somebody's, wherever that lies. */
  readonly root: string
  /** Folders that are nobody's. */
  readonly temporary: readonly string[]
  /** Folders of Vitest's and ours. */
  readonly ignored: readonly string[]
}

const VARIABLE = 'VITEST_LANES_AUDIT'
const AUDITS = Symbol.for('vitest-lanes.audits')
const channels = require('node:diagnostics_channel') as typeof import('node:diagnostics_channel')
const fs = require('node:fs') as Fs
const net = require('node:net') as typeof import('node:net')
const path = require('node:path') as typeof import('node:path')
const { fileURLToPath } = require('node:url') as typeof import('node:url')
const { syncBuiltinESMExports } = require('node:module') as typeof import('node:module')

const { appendFileSync } = fs
const seen = new Set<string>()

const writerOf =
  (log: string) =>
  (what: object): void => {
    const line = JSON.stringify(what)
    if (seen.has(line)) return
    seen.add(line)
    try {
      appendFileSync(log, `${line}\n`)
    } catch {
      // The audit is over, or the disk full.
    }
  }

/** Replaces a function by one that looks at its arguments first. */
const wrap = (owner: object, name: string, look: (args: readonly unknown[], self: unknown) => void): void => {
  const holder = owner as Record<string, unknown>
  const original = holder[name]
  if (typeof original !== 'function') return
  const call = original as AnyFunction
  const watched: AnyFunction = function (...args) {
    try {
      look(args, this)
    } catch {
      // Whatever it is, it is not the test's fault.
    }
    return call.apply(this, args)
  }
  Object.defineProperties(watched, Object.getOwnPropertyDescriptors(call))
  Object.defineProperty(holder, name, {
    value: watched,
    configurable: true,
    writable: true,
    enumerable: true,
  })
}

const watchPorts = (write: (what: object) => void): void => {
  wrap(net.Server.prototype, 'listen', ([first], self) => {
    const server = self as import('node:net').Server
    const asked: unknown = typeof first === 'object' && first !== null ? Object(first).port : first
    // Whoever takes any port that is free meets nobody.
    const isFixed = Number(asked) > 0
    if (!isFixed) return
    server.once('listening', () => {
      const address = server.address()
      if (typeof address === 'object' && address !== null) write({ port: address.port })
    })
  })
}

/** Functions of `node:fs`, to the positions of the paths that they write. */
const WRITES: Readonly<Record<string, readonly number[]>> = {
  writeFile: [0],
  appendFile: [0],
  truncate: [0],
  unlink: [0],
  rm: [0],
  rmdir: [0],
  rename: [0, 1],
  copyFile: [1],
  cp: [1],
  link: [1],
  symlink: [1],
}

const isBelow = (file: string, folder: string): boolean => file === folder || file.startsWith(`${folder}/`)

const watchFiles = (
  write: (what: object) => void,
  { root, temporary, ignored }: Omit<Settings, 'log'>,
): void => {
  const note = (given: unknown): void => {
    const text =
      given instanceof URL ? fileURLToPath(given) : Buffer.isBuffer(given) ? given.toString() : given
    if (typeof text !== 'string') return
    const file = path.resolve(text)
    if (ignored.some((folder) => isBelow(file, folder))) return
    if (isBelow(file, root) || !temporary.some((folder) => isBelow(file, folder))) write({ file })
  }
  for (const [name, positions] of Object.entries(WRITES)) {
    const look = (args: readonly unknown[]): void => positions.forEach((position) => note(args[position]))
    wrap(fs, name, look)
    wrap(fs, `${name}Sync`, look)
    wrap(fs.promises, name, look)
  }
  const lookAtOpen = ([file, flags]: readonly unknown[]): void => {
    const writes =
      typeof flags === 'number'
        ? (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0
        : typeof flags === 'string' && /[wa+]/.test(flags)
    if (writes) note(file)
  }
  wrap(fs, 'open', lookAtOpen)
  wrap(fs, 'openSync', lookAtOpen)
  wrap(fs.promises, 'open', lookAtOpen)
  wrap(fs, 'createWriteStream', ([file]) => note(file))
}

/** Whether Node.js itself asks: a process that is started is given all variables. */
const isAskedByNode = (): boolean => {
  const [, , , , caller = ''] = new Error().stack?.split('\n') ?? []
  return /[\s(]node:/.test(caller)
}

const watchVariables = (write: (what: object) => void): void => {
  const known = new Set<string | symbol>()
  /** Whoever copies all of them asks for each whether it is there, and then for what it is. */
  let copied: string | symbol | undefined
  const note = (name: string | symbol): void => {
    if (typeof name !== 'string' || known.has(name) || isAskedByNode()) return
    known.add(name)
    write({ variable: name })
  }
  process.env = new Proxy(process.env, {
    get(target, name) {
      if (name === copied) copied = undefined
      else note(name)
      return Reflect.get(target, name) as unknown
    },
    // Without this the environment refuses what comes through a proxy (Node.js 20.20).
    set: (target, name, value: string) => Reflect.set(target, name, value),
    getOwnPropertyDescriptor(target, name) {
      copied = name
      return Reflect.getOwnPropertyDescriptor(target, name)
    },
  })
}

const watchProcesses = (write: (what: object) => void): void => {
  channels.subscribe('child_process', (message) => {
    const { spawnfile } = (message as { process: import('node:child_process').ChildProcess }).process
    // They do not load this.
    if (typeof spawnfile === 'string' && spawnfile !== process.execPath)
      write({ program: path.basename(spawnfile) })
  })
}

const given = process.env[VARIABLE]
// A Vitest within a test may load another copy of this.
const loaded = process as { [AUDITS]?: true }
if (given !== undefined && loaded[AUDITS] === undefined) {
  loaded[AUDITS] = true
  try {
    const settings = JSON.parse(given) as Settings
    const write = writerOf(settings.log)
    watchPorts(write)
    watchFiles(write, settings)
    watchVariables(write)
    watchProcesses(write)
    syncBuiltinESMExports()
  } catch {
    // Not ours.
  }
}
