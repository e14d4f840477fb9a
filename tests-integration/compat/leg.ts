import { installVitest } from '../support/installed-vitest.ts'
import { useInstallation } from '../support/installation.ts'

/**
 * Which Vitest on which Node.js is compared, such as `5.1.1 on 24`; undefined: those of this workspace. What imports
 * this module has it from here on.
 */
export const LEG = process.env['LANES_MATRIX_LEG']

/** Whether cells that take long are tried as well. */
export const FULL = process.env['LANES_MATRIX'] === 'full'

if (LEG !== undefined) {
  const [vitest = '', node = ''] = LEG.split(' on ')
  const installation = await installVitest(vitest, node)
  if (typeof installation === 'string') throw new Error(`${LEG}: ${installation}`)
  useInstallation(installation)
}
