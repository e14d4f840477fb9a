import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { EMPTY_HISTORY, parseHistory } from '@vitest-lanes/core'
import type { History } from '@vitest-lanes/core'
import type { Vitest } from 'vitest/node'
import type { LanesApi, SplitTrial } from '../../run/preview.ts'
import { EXIT } from '../exit.ts'
import type { ExitStatus } from '../exit.ts'
import { noFile } from '../no-file.ts'
import type { Terminal } from '../terminal.ts'
import { noPlugin, openVitest } from '../vitest-of.ts'
import type { ProjectOptions } from '../vitest-of.ts'

export interface CertifyOptions extends ProjectOptions {
  readonly json: boolean
}

/** What was found out about a file. */
export interface Certificate {
  /** As `fileKey`. */
  readonly file: string
  readonly safe: boolean
  /** Why not. */
  readonly why?: string
  /** It was run in parts, and they did not end as it does. */
  readonly differs?: true
}

/** `vitest-lanes certify-split`: runs files whole, then in parts, and says which end alike. */
export async function certifySplit(
  filters: readonly string[],
  options: CertifyOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const vitest = await openVitest(options, {
    options: { reporters: [{}], bail: 0, coverage: { enabled: false } },
    streams: { stdout: nowhere(), stderr: nowhere() },
  })
  try {
    const specs = await vitest.globTestSpecifications([...filters])
    if (specs.length === 0) throw noFile(filters, options.root)
    const trial = trialOf(vitest)
    if (trial === undefined) throw noPlugin(vitest)
    // Whole, where their tests are not known; then in parts.
    await vitest.runTestSpecifications(specs)
    await vitest.runTestSpecifications(specs)
    const found = certificates(trial, await historyOf(vitest.config.root))
    terminal.print(options.json ? JSON.stringify(found, undefined, 2) : certificatesText(found, terminal))
    return found.some(({ differs }) => differs) ? EXIT.no : EXIT.fine
  } finally {
    await vitest.close()
    // Of the tests that failed in their part, which is what was to be found out.
    process.exitCode = undefined
  }
}

function trialOf(vitest: Vitest): SplitTrial | undefined {
  for (const { vite } of vitest.projects)
    for (const { name, api } of vite.config.plugins) {
      const trial = name === 'vitest-lanes' ? (api as Partial<LanesApi>).splitAll?.(vitest) : undefined
      if (trial !== undefined) return trial
    }
  return undefined
}

function certificates(trial: SplitTrial, history: History): Certificate[] {
  return [...trial.files()]
    .map(([file, whole]): Certificate => {
      const known = history.files[file]
      if (whole !== undefined) return { file, safe: false, why: whole }
      if (known?.split?.unsafe !== undefined) {
        const { why, test, after } = known.split.unsafe
        if (test === undefined || after === undefined) return { file, safe: false, why, differs: true }
        return {
          file,
          safe: false,
          differs: true,
          why: `\`${test}\` depends on earlier tests (first suspect: \`${after}\`)`,
        }
      }
      if (known?.split?.safe === true) return { file, safe: true }
      if (known?.failed === true) return { file, safe: false, why: 'it fails' }
      return {
        file,
        safe: false,
        why: 'its tests cannot be told apart, or did not end alike: see docs/split.md',
      }
    })
    .sort((a, b) => (a.file < b.file ? -1 : 1))
}

function certificatesText(found: readonly Certificate[], terminal: Terminal): string {
  return found
    .map(({ file, safe, why }) =>
      safe
        ? `${terminal.style('green', 'safe ')}  ${file}`
        : `${terminal.style('yellow', 'whole')}  ${file}: ${why ?? ''}`,
    )
    .join('\n')
}

async function historyOf(root: string): Promise<History> {
  const json = await readFile(join(root, '.vitest-lanes', 'history.json'), 'utf8').catch(() => undefined)
  const history = json === undefined ? EMPTY_HISTORY : parseHistory(json)
  return 'error' in history ? EMPTY_HISTORY : history
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}
