import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { findBinary } from '@vitest-lanes/server'
import { freePort } from '../support/free-port.ts'

/** A server as a user runs it, in a folder of its own. */
export interface TheirServer extends AsyncDisposable {
  readonly port: number
  readonly folder: string
}

/** Starts the machine's own server with these lines of configuration; `PORT` and `FOLDER` in them are filled in. */
export async function theirServer(...lines: readonly string[]): Promise<TheirServer> {
  const binary = await findBinary(['valkey-server', 'redis-server'])
  if (binary === undefined) throw new Error('There is no server here.')
  const folder = await mkdtemp(path.join(tmpdir(), 'vl-theirs-'))
  const port = await freePort()
  const text = ['bind 127.0.0.1', 'save ""', ...lines].join('\n')
  const file = path.join(folder, 'redis.conf')
  await writeFile(file, text.replaceAll('PORT', String(port)).replaceAll('FOLDER', folder))
  const child = spawn(binary, [file], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
  for await (const line of createInterface(child.stdout)) if (/ready to accept/i.test(line)) break
  child.stdout.resume()
  return {
    port,
    folder,
    async [Symbol.asyncDispose]() {
      if (child.kill('SIGKILL')) await once(child, 'exit')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
