import type { Vitest } from 'vitest/node'
import type { ResolvedOptions } from '../options.ts'
import type { ResourceInstances } from '../run/instances.ts'
import { KnownAddresses } from './known-addresses.ts'
import { Watch } from './watch.ts'

/** What looks at the files of one Vitest. */
export function watchFor(
  vitest: Vitest,
  { resources, leaks, undeclared }: ResolvedOptions,
  runId: string,
  instances: ReadonlyMap<string, ResourceInstances>,
  warn: (line: string) => void,
): Watch {
  const { root } = vitest.config
  const addresses = new KnownAddresses({
    root,
    mode: vitest.vite.config.mode,
    resources,
    *open() {
      for (const [name, each] of instances) for (const env of each.environments()) yield [name, env] as const
    },
  })
  return new Watch({ root, runId, leaks, undeclared, addresses, warn })
}
