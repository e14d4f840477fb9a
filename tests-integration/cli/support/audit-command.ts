import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, watch } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CommandEnd } from './command.ts'

const MAIN = fileURLToPath(new URL('../../../packages/vitest-lanes/dist/cli/main.js', import.meta.url))

/** A command that is under way. */
export interface StartedCommand {
  /** Resolves when there is a file of this name in the folder. */
  wrote(name: string): Promise<void>
  /** Ctrl-C. */
  interrupt(): void
  readonly ended: Promise<CommandEnd>
  /** Processes that it has started, or that these have, and that still live once it has ended. Linux; else none. */
  left(): Promise<readonly string[]>
}

/** Starts `vitest-lanes` in a folder. Its processes are known by a variable. */
export function startCommand(folder: string, args: readonly string[]): StartedCommand {
  const mark = `LANES_AUDIT_TEST_${process.pid}_${Date.now()}`
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV$|CI$)/.test(name))
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { ...Object.fromEntries(inherited), [mark]: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk
    })
  const ended = new Promise<CommandEnd>((resolve) => {
    child.once('close', (code) => resolve({ code, ...text }))
  })
  return {
    wrote: (name) =>
      new Promise((resolve, reject) => {
        const watcher = watch(folder, look)
        function look(): void {
          if (!existsSync(join(folder, name))) return
          watcher.close()
          resolve()
        }
        look()
        void ended.then(({ stdout, stderr }) => {
          watcher.close()
          reject(new Error(`It ended without ${name}:\n${stdout}${stderr}`))
        })
      }),
    interrupt: () => void child.kill('SIGINT'),
    ended,
    async left() {
      await ended
      return marked(mark)
    },
  }
}

function marked(mark: string): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark)) return []
        return [readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')]
      } catch {
        // It has gone meanwhile.
        return []
      }
    })
}
