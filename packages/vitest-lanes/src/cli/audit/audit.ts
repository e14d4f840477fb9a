import { relative, resolve } from 'node:path'
import { LanesError, directoryOf, leastClaims, pathOfKey } from '@vitest-lanes/core'
import type { DirectoryClaims, Footprint } from '@vitest-lanes/core'
import { count } from '@vitest-lanes/report'
import { openTrials } from '../../trial/open.ts'
import type { Trials } from '../../trial/types.ts'
import { EXIT } from '../exit.ts'
import type { ExitStatus } from '../exit.ts'
import { showProgress } from '../progress.ts'
import type { Terminal } from '../terminal.ts'
import { readAuditRecord, writeCertificate } from './audit-record.ts'
import { certify } from './certify.ts'
import { checkAudit, isBelow } from './check.ts'
import type { CheckResult } from './check.ts'
import { FOOTPRINTS, keepFootprints } from './footprints-file.ts'
import { keptAudit, noFiles } from './kept.ts'
import { reportOf, reportText } from './report.ts'
import { linesFor } from './propose.ts'
import { runAlone } from './run-alone.ts'
import type { Audited } from './run-alone.ts'
import { certificateText, checkText } from './verdicts.ts'
import { changeConfig, offer, writeConfig } from './write-lines.ts'

export interface AuditOptions {
  readonly root: string
  readonly config?: string
  readonly project: readonly string[]
  /** False: takes the footprints that the last audit left. */
  readonly run: boolean
  readonly write: boolean
  readonly yes: boolean
  readonly certify: boolean
  /** Of `certify`. */
  readonly runs: number
  readonly check: boolean
  readonly json: boolean
}

const NOTHING_WATCHED =
  'No server was watched: lanes() has no resource whose provider can do that. `npx vitest-lanes init` proposes some.'

/** What one audit works on. */
interface Work {
  readonly root: string
  /** From the root; empty for all. */
  readonly directory: string
  readonly options: AuditOptions
  readonly terminal: Terminal
}

/** `vitest-lanes audit`: what files touch, which of them collide, and whether their claims cover it. */
export async function audit(
  directory: string | undefined,
  options: AuditOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const root = resolve(options.root)
  const below = directoryIn(root, directory)
  const work: Work = { root, directory: below, options, terminal }
  refuseTogether(options)
  if (!options.run) return conclude(work, await keptAudit({ ...options, root, directory: below }))
  const { config, project } = options
  const trials = await openTrials({
    root,
    ...(config !== undefined && { config }),
    project,
    filters: below === '' ? [] : [below],
  })
  try {
    // Without them there are no servers to watch.
    await trials.expectLanes()
    const files = (await trials.files()).filter((key) => below === '' || isBelow(pathOfKey(key), below))
    if (files.length === 0) throw noFiles(root, below)
    return options.certify ? await certifying(work, trials, files) : await looking(work, trials, files)
  } finally {
    await trials.close()
  }
}

async function looking(work: Work, trials: Trials, files: readonly string[]): Promise<ExitStatus> {
  const { root, terminal } = work
  let line = ''
  const hide = showProgress(terminal, work.options.json, () => line)
  const audited = await runAlone({
    trials,
    root,
    files,
    begun: (file, number) => {
      line = `${number} of ${files.length}: ${file}`
    },
  }).finally(hide)
  if (audited.isInterrupted) return interrupted(terminal)
  if (audited.watched.size === 0) terminal.warn(NOTHING_WATCHED)
  await keepFootprints(root, audited.footprints)
  return conclude(work, audited)
}

async function certifying(work: Work, trials: Trials, files: readonly string[]): Promise<ExitStatus> {
  const { root, directory, options, terminal } = work
  let line = ''
  const hide = showProgress(terminal, options.json, () => `${line}, ${filesText(trials)}`)
  const begun = (run: number, failures: number): void => {
    line = `run ${run} of ${options.runs}: ${count(failures, 'failure')} before`
  }
  const certificate = await certify({
    trials,
    files,
    runs: options.runs,
    seed: 1,
    begun,
  }).finally(hide)
  if (certificate === undefined) return interrupted(terminal)
  const name = directory === '' ? '.' : directory
  await writeCertificate(root, name, certificate)
  if (options.json) terminal.print(JSON.stringify({ directory: name, certificate }, null, 2))
  else terminal.print(certificateText(name, certificate))
  return certificate.outcome === 'passed' ? EXIT.fine : EXIT.no
}

/** Says what was found, and does with it what was asked. */
async function conclude(work: Work, audited: Audited): Promise<ExitStatus> {
  const { root, options, terminal } = work
  const { footprints, failures, watched } = audited
  const least = leastClaims(footprints, watched)
  const checked = options.check ? checkAudit(footprints, await readAuditRecord(root)) : undefined
  const failed = failures.size > 0 ? EXIT.no : EXIT.fine
  if (options.json) {
    terminal.print(JSON.stringify({ ...reportOf(footprints, least, failures), check: checked }, null, 2))
    if (options.write && options.yes) await writing(work, least, audited)
    return checked === undefined ? failed : statusOf(checked)
  }
  if (checked !== undefined) {
    terminal.print(checkText(checked, footprints))
    return statusOf(checked)
  }
  terminal.print(reportText(footprints, least, { failures, isBlind: watched.size === 0 }).join('\n'))
  if (options.run) terminal.print(`\nFootprints are in ${FOOTPRINTS}.`)
  return options.write ? writing(work, least, audited) : failed
}

async function writing(
  { root, options, terminal }: Work,
  least: readonly DirectoryClaims[],
  { footprints }: Audited,
): Promise<ExitStatus> {
  const lines = linesFor(least, footprints)
  if (lines.length === 0) {
    if (!options.json) terminal.print('\nThe configuration claims the least that it must already.')
    return EXIT.fine
  }
  const wanted = (footprint: Footprint) =>
    least.find(({ directory }) => directory === directoryOf(footprint))?.claims ?? []
  const change = await changeConfig({ root, config: options.config, lines, footprints, wanted })
  if (!options.json) return (await offer(change, { root, yes: options.yes }, terminal)) ? EXIT.fine : EXIT.no
  await writeConfig(root, change.path, change.before, change.after)
  return EXIT.fine
}

function filesText(trials: Trials): string {
  const { ended, files } = trials.progress()
  return `${ended} of ${count(files, 'file')}`
}

function statusOf({ failed, outgrown, stale }: CheckResult): ExitStatus {
  return failed.length + outgrown.length + stale.length > 0 ? EXIT.no : EXIT.fine
}

function interrupted(terminal: Terminal): ExitStatus {
  terminal.warn('Interrupted: nothing was written.')
  return EXIT.interrupted
}

function directoryIn(root: string, directory: string | undefined): string {
  if (directory === undefined) return ''
  const path = relative(root, resolve(root, directory)).replaceAll('\\', '/')
  if (!path.startsWith('..')) return path
  throw new LanesError('LANES_OPTION_INVALID', `Expected a directory below ${root}, got \`${directory}\`.`, {
    hint: '`--root` names another root.',
  })
}

function refuseTogether({ certify: certifies, check, write, run }: AuditOptions): void {
  const asked = [certifies && '--certify', check && '--check', write && '--write'].filter(
    (each) => each !== false,
  )
  if (asked.length > 1)
    throw new LanesError('LANES_OPTION_INVALID', `${asked.join(' and ')} exclude each other.`, {
      hint: 'Run one after the other.',
    })
  if (certifies && !run)
    throw new LanesError('LANES_OPTION_INVALID', '--certify and --no-run exclude each other.', {
      hint: 'To certify is to run.',
    })
}
