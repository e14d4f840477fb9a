import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const PROOF = fileURLToPath(new URL('../../packages/proofs/dist/index.js', import.meta.url))

/** What a proof says at its end. Rejects with all that it printed if it does not hold. */
export async function proof(...args: readonly string[]): Promise<string> {
  const env = Object.fromEntries(
    // What the Vitest around it tells its workers must not reach the Vitest under test.
    Object.entries(process.env).filter(([name]) => !/^(VITEST(?!_LANES_ENGINE)|TEST$|NODE_ENV$)/.test(name)),
  )
  const { stdout } = await promisify(execFile)(process.execPath, [PROOF, ...args], { env }).catch(
    (error: { stdout?: string; stderr?: string }) => {
      throw new Error(`${error.stdout ?? ''}${error.stderr ?? ''}`)
    },
  )
  return stdout
}
