import { spawn } from 'node:child_process'
import { LanesError } from '@vitest-lanes/core'

/**
 * Runs the user's command that puts back what no provider cleans, in their shell. What it prints is not shown: it may
 * name a password.
 * @throws LanesError LANES_OPTION_INVALID where it fails
 */
export function reset(command: string, root: string, signal: AbortSignal): Promise<void> {
  const child = spawn(command, { cwd: root, shell: true, stdio: 'ignore', signal })
  return new Promise((resolve, reject) => {
    const fail = (how: string): void =>
      reject(
        new LanesError('LANES_OPTION_INVALID', `The command of \`--reset\` ${how}.`, {
          hint: `Run it by itself, in ${root}, to see why.`,
        }),
      )
    child.once('error', ({ message }) => (signal.aborted ? resolve() : fail(`cannot be run: ${message}`)))
    child.once('close', (code) =>
      code === 0 || signal.aborted ? resolve() : fail(`ended with status ${code}`),
    )
  })
}
