import { execFile } from 'node:child_process'
import { appendFile } from 'node:fs/promises'
import path from 'node:path'
import { LanesError } from '@vitest-lanes/core'
import type { Account } from '../engine/account.ts'
import type { Binaries } from '../engine/binaries.ts'

/** The superuser of every cluster that we make; the usual name, because suites know it. */
export const SUPERUSER = 'postgres'
/** Our settings, beside `postgresql.conf`, which reads them last. */
export const SETTINGS_FILE = 'lanes.conf'

export interface InitdbOptions {
  readonly binaries: Binaries
  readonly account: Account | undefined
  /** Does not exist yet; its parent can be written to by the account. */
  readonly data: string
  readonly major: number
  readonly locale: string | undefined
}

/**
 * Makes a cluster: UTF-8, one superuser without a password, small WAL segments, since all of it is copied in each run.
 * @throws LANES_SERVER_START with what initdb said
 */
export async function initdb(options: InitdbOptions): Promise<void> {
  const choices = options.locale === undefined ? usualLocales(options.major) : [localeFlags(options.locale)]
  for (const [index, flags] of choices.entries()) {
    const failure = await attempt(options, flags)
    if (failure === undefined) {
      await appendFile(path.join(options.data, 'postgresql.conf'), `\ninclude '${SETTINGS_FILE}'\n`)
      return
    }
    if (index === choices.length - 1 || !/locale|ICU/i.test(failure)) {
      throw new LanesError('LANES_SERVER_START', `initdb failed:\n${failure.replaceAll(/^/gm, '  ')}`)
    }
  }
}

/**
 * Text sorts as in most production databases: by `en_US`, of the C library where the machine has it, else of ICU.
 * Without both, by code point.
 */
function usualLocales(major: number): string[][] {
  return [
    localeFlags('en_US.UTF-8'),
    ...(major >= 15 ? [localeFlags('icu:en-US')] : []),
    localeFlags('C.UTF-8'),
    ['--no-locale'],
  ]
}

function localeFlags(locale: string): string[] {
  if (!locale.startsWith('icu:')) return [`--locale=${locale}`]
  const ctype = process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8'
  return ['--locale-provider=icu', `--icu-locale=${locale.slice('icu:'.length)}`, `--locale=${ctype}`]
}

/** What it said, where it failed. It removes what it had made. */
function attempt(
  { binaries, account, data, major }: InitdbOptions,
  locale: string[],
): Promise<string | undefined> {
  const args = [
    `--pgdata=${data}`,
    `--username=${SUPERUSER}`,
    '--auth=trust',
    '--encoding=UTF8',
    // It puts the schema before it.
    '--text-search-config=english',
    '--wal-segsize=1',
    '--no-sync',
    ...(major >= 14 ? ['--no-instructions'] : []),
    ...locale,
  ]
  const who = account === undefined ? {} : { uid: account.uid, gid: account.gid }
  return new Promise((resolve) => {
    execFile(
      binaries.initdb,
      args,
      { ...who, cwd: path.dirname(data), env: serverEnvironment(), encoding: 'utf8' },
      (error, stdout, stderr) => {
        if (error === null) resolve(undefined)
        else resolve(stderr.trim() || stdout.trim() || error.message)
      },
    )
  })
}

/** Nothing of the user's `PG…` or `LC_…` reaches a server of ours. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH } = process.env
  return { ...(PATH !== undefined && { PATH }), LC_ALL: 'C' }
}
