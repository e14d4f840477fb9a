import { execFile } from 'node:child_process'
import { readFile, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { LanesError } from '@vitest-lanes/core'

/** The user that a server runs as, where that is not the one who runs Vitest. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

const NAMES = ['postgres', 'nobody'] as const

/**
 * PostgreSQL refuses to run as root: then it runs as `postgres`, or else as `nobody`. `undefined`: as who we are.
 * @throws LANES_SERVER_START if we are root and there is neither.
 */
export async function serverAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  for (const name of NAMES) {
    const account = await lookUp(name)
    if (account !== undefined) return account
  }
  throw new LanesError(
    'LANES_SERVER_START',
    'PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as.',
    { hint: 'Add one (`useradd --system postgres`), or run Vitest as another user.' },
  )
}

async function lookUp(name: string): Promise<Account | undefined> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '')
  const fields = passwd
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.split(':')
  if (fields !== undefined) return { name, uid: Number(fields[2]), gid: Number(fields[3]) }
  // macOS and directory services keep users elsewhere.
  const run = promisify(execFile)
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, name])).stdout)),
    )
    return uid !== undefined && gid !== undefined && uid > 0 ? { name, uid, gid } : undefined
  } catch {
    return undefined
  }
}

/** Whether the account can read and enter what is at `target`: every folder above it lets it pass. */
export async function canReach(account: Account | undefined, target: string): Promise<boolean> {
  if (account === undefined) return true
  const real = await realpath(target).catch(() => undefined)
  if (real === undefined) return false
  for (let at = real; ; at = path.dirname(at)) {
    const { mode, uid, gid } = await stat(at)
    const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0
    const wanted = at === real ? 0o5 : 0o1
    if (((mode >> shift) & wanted) !== wanted) return false
    if (at === path.dirname(at)) return true
  }
}
