import { readFile, writeFile } from 'node:fs/promises'
import { installVitest } from '../support/installed-vitest.ts'
import { useInstallation } from '../support/installation.ts'
import type { Installation } from '../support/installation.ts'

/**
 * Which Vitest on which Node.js is compared, such as `5.1.1 on 24`; undefined: those of this workspace. What imports
 * this module has it from here on.
 */
export const LEG = process.env['LANES_MATRIX_LEG']

/** Whether cells that take long are tried as well. */
export const FULL = process.env['LANES_MATRIX'] === 'full'

/** Whether files run in parts where they can. */
export const IN_PARTS = process.env['LANES_MATRIX_PARTS'] !== undefined

/** A file for what the first of a leg's test files has installed, and the others use. */
const KEPT = process.env['LANES_MATRIX_INSTALLATION']

if (LEG !== undefined) useInstallation((await kept()) ?? (await install(LEG)))

async function kept(): Promise<Installation | undefined> {
  if (KEPT === undefined) return undefined
  const text = await readFile(KEPT, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as Installation)
}

async function install(leg: string): Promise<Installation> {
  const [vitest = '', node = ''] = leg.split(' on ')
  const installation = await installVitest(vitest, node)
  if (typeof installation === 'string') throw new Error(`${leg}: ${installation}`)
  if (KEPT !== undefined) await writeFile(KEPT, JSON.stringify(installation))
  return installation
}
