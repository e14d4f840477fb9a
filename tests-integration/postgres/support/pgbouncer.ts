import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { findBinary } from '@vitest-lanes/server'
import { freePort } from '../../support/free-port.ts'
import { onTestFinished } from 'vitest'
import { serverAccount } from '../../../packages/postgres/dist/engine/account.js'

const binary = await findBinary(['pgbouncer'], ['/usr/sbin', '/usr/local/bin'])

/** Why there can be none here; `undefined` if there can. */
export const withoutPgbouncer: string | undefined = binary === undefined ? 'no pgbouncer' : undefined

/** Why it cannot keep search_path for each client; `undefined` if it can, in front of PostgreSQL 18. */
export const withoutTracking: string | undefined = await whyNoTracking()

async function whyNoTracking(): Promise<string | undefined> {
  if (binary === undefined) return withoutPgbouncer
  const { stdout } = await promisify(execFile)(binary, ['--version'])
  const [, minor] = /^PgBouncer 1\.(\d+)/.exec(stdout) ?? []
  return Number(minor) >= 20 ? undefined : `${stdout.split('\n', 1)[0]} is older than 1.20`
}

/** Starts a PgBouncer in front of the server of a URL until the test ends; returns the URL that leads through it. */
export async function pgbouncer(url: string, settings: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lanes-pgbouncer-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  // It refuses root, as PostgreSQL does.
  const account = await serverAccount()
  await chmod(folder, 0o755)
  const behind = new URL(url)
  const port = await freePort()
  const text = Object.entries({
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'trust',
    auth_file: path.join(folder, 'users.txt'),
    ...settings,
  }).map(([name, value]) => `${name} = ${value}\n`)
  const user = [decodeURIComponent(behind.username), decodeURIComponent(behind.password)]
  await writeFile(
    path.join(folder, 'users.txt'),
    user.map((each) => `"${each.replaceAll('"', '""')}"`).join(' '),
  )
  await writeFile(
    path.join(folder, 'pgbouncer.ini'),
    `[databases]\n* = host=127.0.0.1 port=${behind.port}\n[pgbouncer]\n${text.join('')}`,
  )
  const child = spawn(binary ?? '', [path.join(folder, 'pgbouncer.ini')], {
    ...(account !== undefined && { uid: account.uid, gid: account.gid }),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(async () => {
    if (child.kill('SIGKILL')) await once(child, 'exit')
  })
  for await (const line of createInterface(child.stderr)) if (/process up/.test(line)) break
  child.stderr.resume()
  behind.port = String(port)
  return behind.href
}
