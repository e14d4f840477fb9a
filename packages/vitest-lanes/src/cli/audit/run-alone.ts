import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileKey } from '@vitest-lanes/core'
import type { Claim, Footprint, FootprintPart } from '@vitest-lanes/core'
import { openRunFolder } from '@vitest-lanes/server'
import type { InstanceWatch } from '../../run/instance-watch.ts'
import type { Trials } from '../../trial/types.ts'
import { footprintOf } from './footprint-of.ts'
import { processVariables, readProcessUses } from './process-log.ts'

export interface AloneOptions {
  readonly trials: Trials
  /** Vitest's. */
  readonly root: string
  /** `fileKey`s. */
  readonly files: readonly string[]
  /** A file is about to run. */
  readonly begun: (file: string, number: number) => void
}

/** What has become of an audit. */
export interface Audited {
  readonly footprints: readonly Footprint[]
  /** First lines of what made files fail, by `fileKey`. */
  readonly failures: ReadonlyMap<string, string>
  /** Resources that are watched. */
  readonly watched: ReadonlySet<string>
  readonly isInterrupted: boolean
}

/** Runs each file alone, on instances that are watched: on one of each resource that has a provider. */
export async function runAlone({ trials, root, files, begun }: AloneOptions): Promise<Audited> {
  const footprints: Footprint[] = []
  const failures = new Map<string, string>()
  const watched = new Set<string>()
  const folder = await openRunFolder()
  try {
    for (const [index, key] of files.entries()) {
      begun(key, index + 1)
      const watch = createWatch()
      const log = join(folder.path, 'audit.jsonl')
      const { record, tests, unhandled } = await trials.run({
        seed: 1,
        lanes: 1,
        order: [key],
        watch,
        env: processVariables(log, root),
      })
      if (record.outcome === 'interrupted') return { footprints, failures, watched, isInterrupted: true }
      const ran = record.files.find((each) => fileKey(each) === key)
      if (ran === undefined) continue
      const { file, project, content } = ran
      // A file whose process could not start counts as cancelled.
      const outcome = ran.outcome === 'cancelled' ? 'failed' : ran.outcome
      if (outcome === 'failed')
        failures.set(key, firstLine(ran.error ?? firstFailure(tests) ?? unhandled[0] ?? 'it did not run'))
      for (const [resource, part] of watch.parts) if (part !== undefined) watched.add(resource)
      const text = await readFile(join(root, file), 'utf8').catch(() => '')
      footprints.push(
        footprintOf({
          file,
          project,
          ...(content !== undefined && { content }),
          text,
          claims: watch.own,
          provided: watch.provided,
          outcome,
          parts: watch.parts,
          env: watch.env,
          process: await readProcessUses(log),
          findings: record.findings,
          root,
        }),
      )
    }
    return { footprints, failures, watched, isInterrupted: false }
  } finally {
    await folder.close()
  }
}

interface FileWatch extends InstanceWatch {
  own: readonly Claim[]
  provided: readonly string[]
  readonly parts: Map<string, FootprintPart | undefined>
  readonly env: Map<string, Readonly<Record<string, string>>>
}

function createWatch(): FileWatch {
  return {
    own: [],
    provided: [],
    parts: new Map(),
    env: new Map(),
    claims(own, provided) {
      this.own = own
      this.provided = provided
      const others = own.filter(({ resource }) => !provided.includes(resource))
      return [...others, ...provided.map((resource): Claim => ({ resource, mode: 'exclusive' }))]
    },
    seen({ resource, env, part }) {
      this.parts.set(resource, part)
      this.env.set(resource, env)
    },
  }
}

function firstFailure(
  tests: readonly { readonly state: string; readonly messages: readonly string[] }[],
): string | undefined {
  return tests.find(({ state }) => state === 'failed')?.messages[0]
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!
}
