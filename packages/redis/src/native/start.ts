import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { freePort, startServer, type RunFolder, type ServerProcess } from '@vitest-lanes/server'
import { newPassword } from '../password.ts'
import type { Binary } from './find.ts'

export interface NativeServer {
  readonly process: ServerProcess
  readonly port: number
  readonly password: string
}

export interface NativeOptions {
  /** Of its folder within the run's; one that is started again keeps it. */
  readonly name: string
  /** A new one where left out. */
  readonly password?: string
  /** Lines of its configuration, on top of ours. */
  readonly settings?: readonly string[]
  /** Arguments after the configuration's path. */
  readonly args?: readonly string[]
  readonly ready?: RegExp
  /** Chooses its port, anew when somebody else has taken it since. */
  readonly choosePort?: () => Promise<number>
}

export type StartNative = (options: NativeOptions) => Promise<NativeServer>

const ATTEMPTS = 5

/** Starts a server on a free port: loopback only, with a password, nothing written to disk. */
export async function startNative(
  binary: Binary,
  runFolder: RunFolder,
  options: NativeOptions,
): Promise<NativeServer> {
  const { name, password = newPassword(), settings = [], args = [], choosePort = freePort } = options
  const folder = path.join(runFolder.path, name)
  await mkdir(folder, { mode: 0o700, recursive: true })
  for (let attempt = 1; ; attempt++) {
    const port = await choosePort()
    const file = path.join(folder, 'redis.conf')
    // A file that only we can read: a command line can be read by everyone.
    await writeFile(file, configuration({ port, folder, password }, settings), { mode: 0o600 })
    try {
      const process = await startServer({
        name: binary.name,
        command: binary.path,
        args: [file, ...args],
        cwd: folder,
        runFolder,
        secrets: [password],
        ready: options.ready ?? /ready to accept connections/i,
        killSignal: 'SIGKILL',
      })
      return { process, port, password }
    } catch (error) {
      // Somebody took the port since it was chosen.
      const taken = error instanceof Error && /address already in use/i.test(error.message)
      if (!taken || attempt === ATTEMPTS) throw error
    }
  }
}

interface Settings {
  readonly port: number
  readonly folder: string
  readonly password: string
}

function configuration({ port, folder, password }: Settings, more: readonly string[]): string {
  return `${[
    'bind 127.0.0.1',
    `port ${port}`,
    `dir ${quoted(folder)}`,
    `requirepass ${quoted(password)}`,
    'daemonize no',
    'save ""',
    'appendonly no',
    'logfile ""',
    ...more,
  ].join('\n')}\n`
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}
