import { spawn, type ChildProcess } from 'node:child_process'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { LanesError } from '@vitest-lanes/core'
import { createOutputTail, type OutputTail } from './output-tail.ts'
import { processIdentity } from './process-identity.ts'
import type { RunFolder } from './run-folder.ts'
import { recordServer, type StopSignal } from './server-record.ts'
import { FAREWELL, GO, watcherScript } from './watcher.ts'

export interface ServerOptions {
  /** For messages: `redis-server 7.0.15`. */
  readonly name: string
  readonly command: string
  readonly args?: readonly string[]
  /** All its environment; that of this process where left out. */
  readonly env?: NodeJS.ProcessEnv
  /** Of this process where left out. */
  readonly cwd?: string
  readonly uid?: number
  readonly gid?: number
  /** The run that it belongs to, and dies with. */
  readonly runFolder: RunFolder
  /** Written to its standard input, which stays open; without it, standard input is empty. For secrets. */
  readonly input?: string
  /** Masked in its output. */
  readonly secrets?: readonly string[]
  /** Asked again and again until true, or looked for in each line of output. */
  readonly ready: RegExp | ((server: ServerProcess) => Promise<boolean>)
  /** Called when it has begun to start: what takes a while is best done then. */
  readonly begun?: () => void
  /** In ms; 10,000 where left out. */
  readonly readyTimeout?: number
  /** Asks it to end by itself; SIGTERM where left out. */
  readonly stopSignal?: StopSignal
  /** Sent when this process has died; SIGKILL follows after 5 s. `stopSignal` where left out. */
  readonly killSignal?: StopSignal
}

export interface ServerExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ServerProcess {
  readonly pid: number
  /** Resolves when it has ended, however that came. Never rejects. */
  readonly exited: Promise<ServerExit>
  /** Its standard input, where `input` was given. */
  readonly stdin: Writable | undefined
  /** The last 32 KB of what it printed, secrets masked. */
  lastOutput(): string
  /** Calls back with each line that it prints. Returns what ends that. */
  onLine(listener: (line: string) => void): () => void
  /** Asks it to end, insists with SIGKILL after `timeout` ms (5,000 where left out), and waits until it has. */
  stop(options?: { timeout?: number; signal?: StopSignal }): Promise<ServerExit>
}

/**
 * Starts a server that cannot outlive this process: a watcher ends it when this process dies, even by SIGKILL, and if
 * both die the next run ends it. It has a process group of its own, so Ctrl-C in the terminal does not reach it; it
 * does not keep this process alive.
 * @throws LANES_SERVER_START if it ends before it is ready, or is not ready in time; and whatever `ready` throws.
 *   The server has ended by then.
 */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const { name, runFolder } = options
  const stopSignal = options.stopSignal ?? 'SIGTERM'
  const killSignal = options.killSignal ?? stopSignal
  const output = createOutputTail(options.secrets)
  const child = spawn(
    '/bin/sh',
    ['-c', watcherScript(killSignal), options.command, options.command, ...(options.args ?? [])],
    {
      ...(options.env && { env: options.env }),
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      ...(options.uid !== undefined && { uid: options.uid }),
      ...(options.gid !== undefined && { gid: options.gid }),
      detached: true,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe'],
    },
  )
  const pid = await spawned(child, name)
  const line = socketOf(child, 3)
  const exited = new Promise<ServerExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  collect(child, output)
  line.on('error', () => line.destroy())

  const identity = await processIdentity(pid)
  const record = recordServer(runFolder.path, { name, pid, identity: identity ?? '', killSignal })
  const forget = await record.catch(async (cause: unknown) => {
    // It has not begun: it waits for a word, and ends without one.
    line.destroy()
    await exited
    throw new LanesError('LANES_SERVER_START', `${name} could not be written down: ${String(cause)}`, {
      cause,
    })
  })
  const cancelExit = runFolder.onExit(() => kill(child, killSignal))
  // It may have ended while it was written down.
  const struckOut = exited.then(async () => {
    line.end(FAREWELL)
    cancelExit()
    await forget().catch(() => undefined)
  })

  const server: ServerProcess = {
    pid,
    exited,
    stdin: child.stdin ?? undefined,
    lastOutput: output.text,
    onLine: output.onLine,
    async stop({ timeout = 5_000, signal = stopSignal } = {}) {
      child.ref()
      kill(child, signal)
      const timer = setTimeout(() => kill(child, 'SIGKILL'), timeout)
      const exit = await exited
      clearTimeout(timer)
      await struckOut
      return exit
    },
  }
  const ready = whenReady(options, server)
  line.write(GO)
  child.stdin?.on('error', () => undefined).write(options.input ?? '')
  options.begun?.()
  try {
    await ready
  } catch (error) {
    await server.stop({ signal: 'SIGKILL' })
    throw error
  }
  unref(child)
  return server
}

function spawned(child: ChildProcess, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid ?? 0))
    child.once('error', (cause) => {
      reject(
        new LanesError('LANES_SERVER_START', `${name} could not be started: ${cause.message}.`, { cause }),
      )
    })
  })
}

function collect(child: ChildProcess, output: OutputTail): void {
  for (const stream of [child.stdout, child.stderr]) {
    stream
      ?.setEncoding('utf8')
      .on('data', output.write)
      .on('error', () => undefined)
  }
}

async function whenReady(options: ServerOptions, server: ServerProcess): Promise<void> {
  const { name, ready, readyTimeout = 10_000 } = options
  const waiting = new AbortController()
  const timer = setTimeout(() => waiting.abort(), readyTimeout)
  const timedOut = new Promise<'timeout'>((resolve) => {
    waiting.signal.addEventListener('abort', () => resolve('timeout'), { once: true })
  })
  const isReady =
    ready instanceof RegExp ? lineSeen(server, ready) : answersYes(() => ready(server), waiting.signal)
  const outcome = await Promise.race([isReady, timedOut, server.exited]).finally(() => {
    clearTimeout(timer)
    waiting.abort()
  })
  if (outcome === 'ready') return
  if (outcome !== 'timeout') throw endedEarly(name, server, outcome)
  throw startError(`${name} was not ready within ${readyTimeout / 1000} s.`, server)
}

/** Says that a server has ended before it could be used. LANES_SERVER_START. */
export function endedEarly(
  name: string,
  server: Pick<ServerProcess, 'lastOutput'>,
  { code, signal }: ServerExit,
  cause?: unknown,
): LanesError {
  return startError(`${name} ended before it was ready (${signal ?? `exit code ${code}`}).`, server, cause)
}

function startError(what: string, server: Pick<ServerProcess, 'lastOutput'>, cause?: unknown): LanesError {
  return new LanesError(
    'LANES_SERVER_START',
    what + printed(server.lastOutput()),
    cause === undefined ? {} : { cause },
  )
}

function lineSeen(server: ServerProcess, pattern: RegExp): Promise<'ready'> {
  return new Promise((resolve) => {
    const off = server.onLine((line) => {
      if (!pattern.test(line)) return
      off()
      resolve('ready')
    })
  })
}

async function answersYes(ask: () => Promise<boolean>, until: AbortSignal): Promise<'ready'> {
  for (let pause = 2; !until.aborted; pause = Math.min(pause * 1.5, 50)) {
    if (await ask()) return 'ready'
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
  return new Promise(() => undefined)
}

function printed(output: string): string {
  const lines = output.trim().split('\n').slice(-10)
  return lines.join('') === '' ? '' : ` It printed:\n${lines.map((line) => `  ${line}`).join('\n')}`
}

function socketOf(child: ChildProcess, descriptor: number): Socket {
  const stream = child.stdio[descriptor]
  // Node gives a socket for every pipe, and types it as a stream.
  if (stream instanceof Socket) return stream
  throw new TypeError(`Descriptor ${descriptor} of a server is not a pipe.`)
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  // `kill` of a child that was reaped does nothing; only Node knows that without a race.
  child.kill(signal)
}

function unref(child: ChildProcess): void {
  child.unref()
  for (const stream of child.stdio) if (stream instanceof Socket) stream.unref()
}
