import { spawn } from 'node:child_process'
import path from 'node:path'
import { LanesError } from '@vitest-lanes/core'

const SHOWN_LINES = 40

/**
 * Runs a shell command in `cwd`, with the programs of installed packages on its PATH as in a package's scripts.
 * @throws LANES_MIGRATION with the end of what it printed, `secret` masked.
 */
export async function runCommand(
  command: string,
  options: { cwd: string; env: Readonly<Record<string, string>>; secret: string },
): Promise<void> {
  const { cwd, env, secret } = options
  const PATH = [path.join(cwd, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(path.delimiter)
  const child = spawn(command, {
    cwd,
    shell: true,
    env: { ...process.env, PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      printed = (printed + chunk).slice(-64_000)
    })
  }
  const end = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`))
    child.once('close', (code, signal) =>
      resolve(code === 0 ? undefined : `ended with ${signal ?? `exit code ${code}`}`),
    )
  })
  if (end === undefined) return
  const masked =
    secret === '' ? printed : printed.replaceAll(secret, '***').replaceAll(encodeURIComponent(secret), '***')
  const lines = masked.trimEnd().split('\n').slice(-SHOWN_LINES)
  throw new LanesError(
    'LANES_MIGRATION',
    [
      `The command \`${command}\` ${end}.`,
      ...(masked.trim() === '' ? [] : ['It printed:', ...lines.map((line) => `  ${line}`)]),
    ].join('\n'),
    { hint: `It ran in ${cwd}, with DATABASE_URL set to the database that is to become the template.` },
  )
}
