import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const PROOF = fileURLToPath(new URL('../../packages/proofs/dist/index.js', import.meta.url))

/** What a proof says at its end. Rejects with all that it printed if it does not hold. */
async function proof(...args: readonly string[]): Promise<string> {
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

// The long forms: `pnpm proof kills --times 200`, `pnpm proof meets --runs 4`, `pnpm proof clean --runs 50`.
test('a run whose Vitest, worker or server is killed leaves nothing after the next, which passes', async () => {
  expect(await proof('kills', '--times', '6')).toContain('it holds')
}, 600_000)

test('a run that was killed leaves nothing on servers that the user names, and what others have there stays', async () => {
  expect(await proof('kills', '--times', '2', '--named')).toContain('it holds')
}, 600_000)

test('two runs at once pass, and leave nothing', async () => {
  expect(await proof('meets', '--runs', '2', '--times', '2')).toContain('it holds')
}, 600_000)

test('two runs at once on servers that the user names pass, and leave nothing', async () => {
  expect(await proof('meets', '--runs', '2', '--times', '1', '--named')).toContain('it holds')
}, 600_000)

// All ten: `pnpm proof faults`.
test('a fault of files that share a server is found, repeated, named and predicted', async () => {
  expect(await proof('faults', 'flushall')).toContain('it holds')
}, 600_000)
