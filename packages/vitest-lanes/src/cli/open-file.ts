import { spawn } from 'node:child_process'
import { platform } from 'node:os'

/** Opens a file with what the desktop has for it. Resolves with false where there is no desktop. */
export function openFile(path: string): Promise<boolean> {
  const command = platform() === 'darwin' ? 'open' : 'xdg-open'
  return new Promise((resolve) => {
    const child = spawn(command, [path], { stdio: 'ignore', detached: true })
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}
