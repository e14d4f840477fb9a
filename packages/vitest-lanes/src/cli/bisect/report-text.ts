import type { Tally } from '@vitest-lanes/core'
import { count } from '@vitest-lanes/report'
import type { Terminal } from '../terminal.ts'
import type { BisectReport, FileAtFault } from './report.ts'

/** A report for people. */
export function reportText(report: BisectReport, { style }: Pick<Terminal, 'style'>): string {
  const { sentence, causes, command, message } = report
  const hint = HINTS[report.kind]
  const sections = [
    [style('bold', sentence)],
    [...(message === undefined ? [] : [`It says  ${message}`]), evidenceText(report)],
    ...causes.map(({ files }) => files.flatMap(groundText)),
    ...(report.more
      ? [['There are further causes: run it again once these are gone, or with a higher --causes.']]
      : []),
    command === undefined ? [] : [`Repeat it  ${style('bold', command)}`],
    hint === undefined ? [] : [hint],
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function evidenceText({ causes, alone, without, rounds, trials }: BisectReport): string {
  const parts = [
    ...causes.map(
      (cause) => `failed ${tally(cause.with)} with ${cause.files.map(({ file }) => file).join(' and ')}`,
    ),
    ...(without === undefined
      ? []
      : [`${tally(without)} with all files but ${causes.length === 1 ? 'that' : 'those'}`]),
    ...(alone === undefined ? [] : [`${causes.length === 0 ? 'failed ' : ''}${tally(alone)} alone`]),
    `${count(rounds, 'round')}, ${count(trials, 'trial')}`,
  ]
  return `Trials  ${parts.join(' · ')}`
}

function groundText({ file, ground }: FileAtFault): string[] {
  if (ground.on.length === 0) {
    return ground.source === 'audit'
      ? [`${file}: the audit has seen nothing that both touch.`]
      : [`${file}: no claim in common. \`npx vitest-lanes audit\` watches what both touch.`]
  }
  return [`Both touch  ${ground.on[0]}`, ...ground.on.slice(1).map((each) => `            ${each}`)]
}

function tally({ failed, passed }: Tally): string {
  return `${failed} of ${failed + passed}`
}

const HINTS: Readonly<Record<BisectReport['kind'], string | undefined>> = {
  found: undefined,
  alone:
    'No other file is to blame. If it passes on a fresh server, give it one: a provider, or --reset <command>.',
  outlived:
    'Give what they share a provider, so that each trial begins with a clean instance, or name a command that cleans it: --reset <command>.\n[LANES_TRIALS_MEET]',
  never:
    'Look for a rarer failure with --rate, or for a run in which it failed more often with `vitest-lanes stress`.\n[LANES_NOT_REPRODUCED]',
  unclear:
    '`npx vitest-lanes stress --runs 50` shows how often it fails, and beside what.\n[LANES_NOT_REPRODUCED]',
}
