import { LanesError, fileKey } from '@vitest-lanes/core'
import type { Claim } from '@vitest-lanes/core'
import { noPlugin, openVitest, previewOf } from '../vitest-of.ts'
import { isBelow } from './check.ts'
import { notWatchable } from './footprint-of.ts'
import { readFootprints } from './footprints-file.ts'
import type { Audited } from './run-alone.ts'

export interface KeptOptions {
  /** Vitest's. */
  readonly root: string
  /** From the root; empty for all. */
  readonly directory: string
  readonly config?: string
  readonly project: readonly string[]
}

/** What the last audit has seen, and what the configuration claims now. */
export async function keptAudit({ root, directory, ...options }: KeptOptions): Promise<Audited> {
  const seen = (await readFootprints(root)).filter(({ file }) => directory === '' || isBelow(file, directory))
  const { claims, provided } = await configuredNow(root, options)
  const footprints = seen.flatMap((footprint) => {
    const now = claims.get(fileKey(footprint))
    return now === undefined ? [] : [{ ...footprint, claims: now }]
  })
  if (footprints.length === 0) throw noFiles(root, directory)
  const watched = provided.filter((resource) =>
    footprints.every(({ unseen }) => !unseen.includes(notWatchable(resource))),
  )
  return { footprints, failures: new Map(), watched: new Set(watched), isInterrupted: false }
}

interface Configured {
  /** By `fileKey`. */
  readonly claims: ReadonlyMap<string, readonly Claim[]>
  /** Resources that have a provider. */
  readonly provided: readonly string[]
}

async function configuredNow(
  root: string,
  { config, project }: Pick<KeptOptions, 'config' | 'project'>,
): Promise<Configured> {
  const vitest = await openVitest({ root, project, ...(config !== undefined && { config }) })
  try {
    const preview = await previewOf(vitest, await vitest.getRelevantTestSpecifications())
    if (preview === undefined) throw noPlugin(vitest)
    const { files, providers } = preview
    return {
      claims: new Map(
        files.map((file) => [fileKey(file), file.claims.filter(({ resource }) => !resource.includes(' '))]),
      ),
      provided: providers.map(({ resource }) => resource),
    }
  } finally {
    await vitest.close()
  }
}

/** Nothing to audit. */
export function noFiles(root: string, directory: string): LanesError {
  return new LanesError(
    'LANES_NO_FILES',
    `There is no test file in ${directory === '' ? root : directory}.`,
    {
      hint: '`npx vitest list --filesOnly` shows those that there are.',
    },
  )
}
