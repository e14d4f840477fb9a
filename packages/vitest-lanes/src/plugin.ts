import { LanesError } from '@vitest-lanes/core'
import type { Plugin } from 'vitest/config'
import { version } from 'vitest/node'
import type { TestProject, Vitest } from 'vitest/node'
import { checkingInput } from './input-error.ts'
import { resolveOptions } from './options.ts'
import type { LanesOptions, ResolvedOptions } from './options.ts'
import type { LanesApi } from './run/preview.ts'
import { Runtime } from './runtime.ts'

const PLUGIN_NAME = 'vitest-lanes'
const OLDEST = [4, 1] as const

// A config file is evaluated once for each project that extends it, so the plugin cannot hold what is one to a Vitest.
// By its configuration: when that changes in watch mode, Vitest makes a new one and closes all that it had.
const runtimes = new WeakMap<Vitest['config'], Runtime>()
/** Has something in it once any Vitest of this process uses the plugin. */
const used = new Set<string>()

/**
 * Runs test files that share servers in parallel: each file starts when what it claims is free, and gets its own
 * clean instances through environment variables.
 *
 * Without resources, files and `split` it does nothing. Throws a `LanesError` for options that it cannot understand.
 */
export function lanes<const Name extends string = never>(options: LanesOptions<Name> = {}): Plugin {
  const resolved = checkingInput(() => resolveOptions(options))
  const api: LanesApi = {
    preview: (vitest, specs) => runtimes.get(vitest.config)?.preview(specs),
    direct: (vitest, directive) => runtimes.get(vitest.config)?.direct(directive),
    splitAll: (vitest) => runtimes.get(vitest.config)?.splitAll(),
  }
  return {
    name: PLUGIN_NAME,
    api,
    // Vitest 3.0 and older know no `configureVitest`.
    config: () => checkingInput(() => expectVersion(version)),
    configResolved(config) {
      if (!resolved.isIdle && hasOwnProjects(config)) warnIfUnused()
    },
    configureVitest({ vitest, project }) {
      checkingInput(() => {
        expectOne(project)
        if (resolved.isIdle) return
        runtimeOf(vitest, resolved).manage(project)
      })
    },
  }
}

/** Projects that do not extend this configuration do not have its plugins, and Vitest never calls ours (4.1.12, 5.1.1). */
function hasOwnProjects(config: { readonly test?: { readonly projects?: readonly unknown[] } }): boolean {
  const projects = config.test?.projects ?? []
  return projects.length > 0 && projects.every(extendsNothing)
}

function extendsNothing(project: unknown): boolean {
  return (
    typeof project === 'string' ||
    (typeof project === 'object' && project !== null && !('extends' in project))
  )
}

// Whether a project with a configuration of its own has the plugin is known when all of them were read.
function warnIfUnused(): void {
  process.once('exit', () => {
    if (used.size > 0) return
    console.error(
      'lanes() is in the root configuration, and no project has it: all files run outside of lanes.\n' +
        '  → Let each project say `extends: true`, or add lanes() to the configuration of each. See docs/projects.md.',
    )
  })
}

function runtimeOf(vitest: Vitest, options: ResolvedOptions): Runtime {
  const present = runtimes.get(vitest.config)
  if (present === undefined) {
    const runtime = new Runtime(vitest, options)
    runtimes.set(vitest.config, runtime)
    used.add(PLUGIN_NAME)
    return runtime
  }
  if (describe(present.options) !== describe(options))
    throw new LanesError(
      'LANES_PLUGIN_TWICE',
      'Two projects of one Vitest use lanes() with different options.',
      {
        hint: 'Call lanes() in the root configuration, and let each project say `extends: true`.',
      },
    )
  return present
}

/** Throws for a Vitest that is too old. */
export function expectVersion(found: string): void {
  const [major = 0, minor = 0] = found.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return
  throw new LanesError(
    'LANES_VITEST_TOO_OLD',
    `Expected Vitest ${OLDEST.join('.')} or newer, found ${found}.`,
    {
      hint: 'Update it: `npm install --save-dev vitest@latest`.',
    },
  )
}

function expectOne(project: TestProject): void {
  const count = project.vite.config.plugins.filter(({ name }) => name === PLUGIN_NAME).length
  if (count > 1)
    throw new LanesError(
      'LANES_PLUGIN_TWICE',
      `The configuration of ${project.name === '' ? 'the project' : `project \`${project.name}\``} has ${count} lanes() plugins.`,
      {
        hint: 'Keep one of them, with the options of both.',
      },
    )
}

// Providers are made anew each time that the file is evaluated: they are alike if they have the same names.
function describe({ resources, files, lanes, leaks, undeclared, split }: ResolvedOptions): string {
  return JSON.stringify([
    [...resources.values()].map(({ name, instances, provider }) => [name, instances, provider?.name]),
    files,
    lanes,
    leaks,
    undeclared,
    split,
  ])
}
