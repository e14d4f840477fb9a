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

const ATTEMPTS = 5

/** Starts a server on a free port: loopback only, with a password, nothing written to disk. */
export async function startNative(binary: Binary, runFolder: RunFolder, name: string): Promise<NativeServer> {
  const folder = path.join(runFolder.path, name)
  await mkdir(folder, { mode: 0o700 })
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const password = newPassword()
    const file = path.join(folder, 'redis.conf')
    // A file that only we can read: a command line can be read by everyone.
    await writeFile(file, configuration({ port, folder, password }), { mode: 0o600 })
    try {
      const process = await startServer({
        name: binary.name,
        command: binary.path,
        args: [file],
        cwd: folder,
        runFolder,
        secrets: [password],
        ready: /ready to accept connections/i,
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

function configuration({ port, folder, password }: Settings): string {
  return `${[
    'bind 127.0.0.1',
    `port ${port}`,
    `dir ${quoted(folder)}`,
    `requirepass ${quoted(password)}`,
    'daemonize no',
    'save ""',
    'appendonly no',
    'logfile ""',
  ].join('\n')}\n`
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}
