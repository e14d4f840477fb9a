import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { PostgresOptions } from '@vitest-lanes/postgres'
import { onTestFinished } from 'vitest'

const SCRIPT = new URL('outlive.mjs', import.meta.url)

/** A run in a process of its own, which can be killed, and the URL of its first database. */
export async function runElsewhere(options: PostgresOptions): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [SCRIPT.pathname, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve)
    child.once('exit', () => reject(new Error('It ended before it had a database.')))
  })
  return { child, url }
}
