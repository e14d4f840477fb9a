import { spawn } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { MARKER } from './processes.ts'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A child process that a test talks to. */
export interface VitestProcess {
  readonly pid: number
  readonly ended: Promise<Ended>
  /** What it has printed so far. */
  readonly printed: Readonly<{ stdout: string; stderr: string }>
  /** Signals the process alone, or its whole group, as a terminal does on Ctrl-C. */
  kill(signal: NodeJS.Signals, whom?: 'process' | 'group'): void
  type(text: string): void
  /** Kills it and its group, where a test has not waited for its end. */
  end(): void
  /** Resolves when the condition holds for the output so far; rejects if the process ends before. */
  until(condition: (output: string) => boolean): Promise<void>
}

// What the Vitest around the tests tells its workers must not reach the Vitest under test.
const INHERITED = /^(VITEST|TEST$|NODE_ENV$|NODE_V8_COVERAGE$|FORCE_TTY$|FORCE_COLOR$|CI$|GITHUB_)/

export function startProcess(
  node: string,
  args: readonly string[],
  options: { cwd: string; marker: string; env: Readonly<Record<string, string | undefined>> },
): VitestProcess {
  const own = Object.entries(process.env).filter(([name]) => !INHERITED.test(name))
  const child = spawn(node, args, {
    cwd: options.cwd,
    // A group of its own: a signal to it does not reach the tests.
    detached: true,
    env: { ...Object.fromEntries(own), NO_COLOR: '1', ...options.env, [MARKER]: options.marker },
  })
  const text = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk))
  let over = false
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      over = true
      resolve({ code, signal, ...text })
    })
  })
  const pid = child.pid!
  return {
    pid,
    ended,
    printed: text,
    kill: (signal, whom = 'process') => process.kill(whom === 'group' ? -pid : pid, signal),
    type: (typed) => child.stdin.write(typed),
    end() {
      if (!over) process.kill(-pid, 'SIGKILL')
    },
    async until(condition) {
      while (!condition(text.stdout + text.stderr)) {
        if (over) throw new Error(`The process has ended before:\n${text.stdout}\n${text.stderr}`)
        await setTimeout(10)
      }
    },
  }
}
