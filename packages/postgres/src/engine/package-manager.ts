import { existsSync } from 'node:fs'
import path from 'node:path'

const LOCKS = [
  ['pnpm-lock.yaml', 'pnpm add -D'],
  ['yarn.lock', 'yarn add -D'],
  ['bun.lock', 'bun add -d'],
  ['bun.lockb', 'bun add -d'],
  ['package-lock.json', 'npm install -D'],
] as const

/** The command that adds a package to the project at `root`, for the package manager whose lock file is nearest. */
export function addCommand(root: string, name: string): string {
  for (let at = path.resolve(root); ; at = path.dirname(at)) {
    const lock = LOCKS.find(([file]) => existsSync(path.join(at, file)))
    if (lock !== undefined) return `${lock[1]} ${name}`
    if (at === path.dirname(at)) return `npm install -D ${name}`
  }
}
