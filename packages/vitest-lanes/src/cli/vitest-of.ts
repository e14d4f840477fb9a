import { resolve } from 'node:path'
import { LanesError } from '@vitest-lanes/core'
import type { TestSpecification, Vitest, createVitest as CreateVitest } from 'vitest/node'
import type { LanesApi, Preview } from '../run/preview.ts'

export interface ProjectOptions {
  readonly root: string
  readonly config?: string
  readonly project?: readonly string[]
}

/** What a command that runs tests asks of Vitest beside. */
export interface VitestSetup {
  readonly options?: NonNullable<Parameters<typeof CreateVitest>[1]>
  readonly streams?: NonNullable<Parameters<typeof CreateVitest>[3]>
}

/** A Vitest of the user's configuration that runs nothing by itself. */
export async function openVitest(
  { root, config, project }: ProjectOptions,
  setup: VitestSetup = {},
): Promise<Vitest> {
  // As Vitest's own command does before it reads a configuration (4.1.12, 5.1.1): some look at them.
  process.env['VITEST'] ??= 'true'
  process.env['NODE_ENV'] ??= 'test'
  const { createVitest } = await import('vitest/node')
  const options = {
    root: resolve(root),
    watch: false,
    // What the plugin would say of a run is not part of the command's answer.
    silent: true,
    ...setup.options,
    ...(config === undefined ? {} : { config: resolve(root, config) }),
    ...(project === undefined || project.length === 0 ? {} : { project: [...project] }),
  }
  const opening = createVitest('test', options, undefined, setup.streams)
  return opening.catch((cause: unknown) => {
    if (cause instanceof LanesError) throw cause
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new LanesError('LANES_OPTION_INVALID', `Vitest cannot be set up: ${message}`, {
      hint: '`npx vitest list` with the same options shows the whole error.',
      cause,
    })
  })
}

/** What the plugin would give these files. */
export async function previewOf(
  vitest: Vitest,
  specs: readonly TestSpecification[],
): Promise<Preview | undefined> {
  for (const { vite } of vitest.projects)
    for (const { name, api } of vite.config.plugins) {
      if (name !== 'vitest-lanes') continue
      const preview = await (api as LanesApi | undefined)?.preview(vitest, specs)
      if (preview !== undefined) return preview
    }
  return undefined
}

/** Whether lanes() is in the root configuration alone, and none of the projects (that were asked for) has it. */
export function isExtendedByNone({ vite, projects }: Vitest): boolean {
  return hasPlugin(vite) && !projects.some((project) => hasPlugin(project.vite))
}

function hasPlugin({ config }: Vitest['vite']): boolean {
  return config.plugins.some(({ name }) => name === 'vitest-lanes')
}

export function noPlugin(vitest: Vitest): LanesError {
  const where = `the configuration of Vitest in ${vitest.config.root}`
  return isExtendedByNone(vitest)
    ? new LanesError('LANES_OPTION_INVALID', `lanes() is in ${where}, and no project extends it.`, {
        hint: 'Let each project say `extends: true`, or add lanes() to the configuration of each.',
      })
    : new LanesError('LANES_OPTION_INVALID', `lanes() with resources or files is not in ${where}.`, {
        hint: '`npx vitest-lanes init` proposes a change.',
      })
}
