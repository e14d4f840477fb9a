import { LanesError } from '@vitest-lanes/core'
import { version } from 'vitest/node'
import type { Vitest } from 'vitest/node'
import { resolveOptions } from '../options.ts'
import { expectVersion } from '../plugin.ts'
import type { Directive } from '../run/directive.ts'
import type { DirectedRun, LanesApi } from '../run/preview.ts'
import { Runtime } from '../runtime.ts'

/** Directs the next run of a Vitest. */
export type Director = (directive: Directive) => Promise<DirectedRun>

/** Speaks to the lanes() of a configuration; to one of ours where it has none, or one without resources and files. */
export async function directorOf(vitest: Vitest): Promise<Director> {
  for (const { vite } of vitest.projects)
    for (const plugin of vite.config.plugins) {
      if (plugin.name !== 'vitest-lanes') continue
      const api = plugin.api as LanesApi
      expectSameVersion(api)
      // It hangs on the Vitest, not on the project: any of its plugins will do.
      if ((await api.direct(vitest, {})) !== undefined) return (directive) => api.direct(vitest, directive)!
    }
  expectVersion(version)
  const runtime = new Runtime(vitest, resolveOptions({ leaks: 'off', undeclared: 'off' }))
  for (const project of vitest.projects) runtime.manage(project)
  return (directive) => runtime.direct(directive)
}

function expectSameVersion(api: Partial<LanesApi> | undefined): void {
  if (api?.direct !== undefined) return
  throw new LanesError(
    'LANES_OPTION_INVALID',
    'The configuration loads a vitest-lanes that is older than this command.',
    { hint: 'Run the command that is installed beside it: `npx vitest-lanes`.' },
  )
}
