import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { naturally } from '../migrations/plan.ts'
import { canReach, type Account } from './account.ts'
import { binariesIn, type Binaries } from './binaries.ts'

/** Folders that hold one folder a version, and where in each the programs are. */
const VERSIONED: readonly (readonly [folder: string, version: RegExp, bin: string])[] = [
  ['/usr/lib/postgresql', /^\d+/, 'bin'],
  ['/usr', /^pgsql-\d+/, 'bin'],
  ['/usr/libexec', /^postgresql\d+/, '.'],
  ['/opt/homebrew/opt', /^postgresql(?:@\d+)?$/, 'bin'],
  ['/usr/local/opt', /^postgresql(?:@\d+)?$/, 'bin'],
  ['/home/linuxbrew/.linuxbrew/opt', /^postgresql(?:@\d+)?$/, 'bin'],
  ['/Applications/Postgres.app/Contents/Versions', /^\d+/, 'bin'],
  [path.join(homedir(), 'Applications/Postgres.app/Contents/Versions'), /^\d+/, 'bin'],
]

const PLAIN = ['/usr/local/pgsql/bin', '/usr/pgsql/bin', '/usr/libexec/postgresql', '/opt/local/bin'] as const

/**
 * The PostgreSQL of this machine: the first on the PATH with `postgres` and `initdb` side by side, else the newest
 * in the folders where distributions put it, that `account` can reach.
 */
export async function findNative(account: Account | undefined): Promise<Binaries | undefined> {
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder))
  for (const folder of onPath) {
    const found = await usable(folder, account)
    if (found !== undefined) return found
  }
  for (const folder of [...(await versioned()), ...PLAIN]) {
    const found = await usable(folder, account)
    if (found !== undefined) return found
  }
  return undefined
}

async function usable(folder: string, account: Account | undefined): Promise<Binaries | undefined> {
  const found = await binariesIn('native', folder)
  return found !== undefined && (await canReach(account, found.postgres)) ? found : undefined
}

/** Newest first. */
async function versioned(): Promise<string[]> {
  const folders = await Promise.all(
    VERSIONED.map(async ([folder, version, bin]) =>
      (await readdir(folder).catch(() => []))
        .filter((name) => version.test(name))
        .sort((a, b) => naturally(b, a))
        .map((name) => path.join(folder, name, bin)),
    ),
  )
  return folders.flat()
}
