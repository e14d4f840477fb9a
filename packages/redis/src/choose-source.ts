import { LanesError, type RunContext } from '@vitest-lanes/core'
import type { RunFolder } from '@vitest-lanes/server'
import { embeddedSource } from './embedded/source.ts'
import type { Source } from './engine.ts'
import { findNative } from './native/find.ts'
import { nativeSource } from './native/source.ts'
import { namedDatabases } from './named/databases.ts'
import { namedPrefixes } from './named/prefixes.ts'
import type { Resolved } from './options.ts'

/**
 * Chooses where the servers come from, and tells the user.
 * @throws LANES_SERVER_MISSING if native is forced or needed and there is none
 */
export async function chooseSource(
  { engine, named, servers }: Resolved,
  folder: RunFolder,
  context: RunContext,
): Promise<Source> {
  if (named?.isolation === 'database') return namedDatabases(named.address, context)
  if (named?.isolation === 'prefix') return namedPrefixes(named.address, context)
  const binary = engine === 'embedded' ? undefined : await findNative()
  if (binary !== undefined) {
    const source = nativeSource(binary, folder, context.resource, servers)
    context.log(`${context.resource}: ${source.name} (${binary.path})`)
    return source
  }
  if (servers !== 'single') {
    const why = engine === 'embedded' ? 'the embedded server is forced' : 'there is neither here'
    throw new LanesError(
      'LANES_SERVER_MISSING',
      `${context.resource}: a ${servers} needs valkey-server or redis-server, and ${why}.`,
      { hint: 'Install one, and leave VITEST_LANES_ENGINE unset or native.' },
    )
  }
  if (engine === 'native') {
    throw new LanesError(
      'LANES_SERVER_MISSING',
      `${context.resource}: no valkey-server or redis-server was found.`,
      {
        hint: 'Install one, put it on the PATH, or leave engine and VITEST_LANES_ENGINE unset for the embedded one.',
      },
    )
  }
  const source = await embeddedSource(folder, context.resource)
  const why = engine === 'embedded' ? 'forced' : 'no valkey-server or redis-server here'
  context.log(`${context.resource}: ${source.name} (${why})`)
  return source
}
