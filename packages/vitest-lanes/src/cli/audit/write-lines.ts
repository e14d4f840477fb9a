import { readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { LanesError, fileKey } from '@vitest-lanes/core'
import type { Claim, Footprint } from '@vitest-lanes/core'
import { createTwoFilesPatch } from 'diff'
import { coloured } from '../init/init.ts'
import { lookAt } from '../init/look.ts'
import type { Terminal } from '../terminal.ts'
import { claimTexts } from './audit-record.ts'
import { proposeLines } from './propose.ts'
import type { ProposedLine } from './propose.ts'

/** What a change of the configuration would be. */
export interface ConfigChange {
  /** From Vitest's root. */
  readonly path: string
  readonly before: string
  readonly after: string
  readonly patch: string
  /** What the change does not reach, a sentence each. */
  readonly notes: readonly string[]
}

export interface ChangeOptions {
  readonly root: string
  /** Vitest's configuration, where the user names one. */
  readonly config: string | undefined
  readonly lines: readonly ProposedLine[]
  readonly footprints: readonly Footprint[]
  /** What each file is to claim. */
  readonly wanted: (footprint: Footprint) => readonly Claim[]
}

/**
 * Puts lines into the configuration's text.
 * @throws LanesError LANES_AUDIT where its form is not understood, with the lines to add by hand
 */
export async function changeConfig(options: ChangeOptions): Promise<ConfigChange> {
  const { root, lines, footprints, wanted } = options
  const { path, source: before } = await configOf(root, options.config)
  const proposal = proposeLines(before, lines)
  if (proposal === undefined)
    throw new LanesError(
      'LANES_AUDIT',
      `${path} is written in a way that cannot be changed safely. Add these to \`files\` of lanes():\n\n${lines
        .map(({ glob, claims }) => `  '${glob}': [${claims.map((claim) => `'${claim}'`).join(', ')}],`)
        .join('\n')}\n`,
      { hint: 'Write `files` as an object with lists of texts, in the only call of lanes().' },
    )
  const overruled = footprints.filter((footprint) => {
    const claims = proposal.claimsOf(footprint.file)
    return claims !== undefined && claims.join() !== claimTexts(wanted(footprint)).join()
  })
  return {
    path,
    before,
    after: proposal.source,
    patch: createTwoFilesPatch(path, path, before, proposal.source, '', '', { context: 2 }),
    notes: overruled.map((footprint) => `Another line wins for ${fileKey(footprint)}: look at it by hand.`),
  }
}

/** Shows the diff, asks, writes. False where nothing was written. */
export async function offer(
  { path, before, after, patch, notes }: ConfigChange,
  { root, yes }: { readonly root: string; readonly yes: boolean },
  terminal: Terminal,
): Promise<boolean> {
  terminal.print(`\n${coloured(patch, terminal)}`)
  for (const note of notes) terminal.print(note)
  const agreed = yes || (await terminal.confirm(`Write ${path}?`))
  if (agreed !== true) {
    terminal.print(agreed === undefined ? 'Nothing written: --yes writes it.' : 'Nothing written.')
    return false
  }
  await writeConfig(root, path, before, after)
  terminal.print(`Wrote ${path}.`)
  return true
}

/** Not if somebody has changed the file since it was read. */
export async function writeConfig(root: string, path: string, before: string, after: string): Promise<void> {
  const file = join(root, path)
  const now = await readFile(file, 'utf8')
  if (now !== before)
    throw new LanesError(
      'LANES_AUDIT',
      `${path} was changed while its files were audited: nothing was written.`,
      {
        hint: 'Run `vitest-lanes audit --write --no-run` for the lines once more.',
      },
    )
  await writeFile(file, after)
}

async function configOf(root: string, named: string | undefined): Promise<{ path: string; source: string }> {
  if (named !== undefined) {
    const path = relative(root, join(root, named))
    return { path, source: await readFile(join(root, path), 'utf8') }
  }
  const { config, source } = await lookAt(root)
  if (config === undefined)
    throw new LanesError('LANES_AUDIT', `There is no configuration of Vitest in ${root}.`, {
      hint: '`npx vitest-lanes init` proposes one.',
    })
  return { path: config, source }
}
