import type { Bound } from '@vitest-lanes/core'
import type { Change, Gain } from '../analysis/changes.ts'
import { duration } from '../duration.ts'
import { unexpected } from '../unexpected.ts'
import { capital } from './capital.ts'
import { count } from './count.ts'
import { cutPath } from './fit.ts'

/**
 * What bounds a run: `bound by tests/a.test.ts (73.0 s): the longest file`.
 * @param columns width: a longer path is cut at its beginning
 */
export function boundSentence(bound: Bound, columns = Number.POSITIVE_INFINITY): string {
  switch (bound.by) {
    case 'file': {
      const why = ` (${duration(bound.work)}): the longest file`
      return `bound by ${cutPath(bound.file, columns - 9 - why.length)}${why}`
    }
    case 'resource':
      return `bound by ${bound.resource}: ${count(bound.files, 'file')}, ${duration(bound.work)} of work${
        bound.instances === undefined ? '' : `, ${count(bound.instances, 'instance')}`
      }`
    case 'lanes':
      return `bound by ${count(bound.lanes, 'lane')}: ${duration(bound.work)} of work`
    case 'alone':
      return `bound by ${count(bound.files, 'file')} that must run alone (${duration(bound.work)})`
    default:
      return unexpected(bound)
  }
}

/** What a change is: `one more instance of stripe`. */
export function changePhrase(change: Change): string {
  switch (change.kind) {
    case 'lanes':
      return change.to === change.from + 1 ? 'one more lane' : `${change.to} lanes instead of ${change.from}`
    case 'instances':
      return change.to === change.from + 1
        ? `one more instance of ${change.resource}`
        : `${count(change.to, 'instance')} of ${change.resource} instead of ${change.from}`
    case 'split':
      return `${change.file} (${duration(change.from)}) in two files of half its length`
    case 'parallel':
      return `${count(change.files, 'file')} beside each other instead of one at a time (sequential)`
    default:
      return unexpected(change)
  }
}

/** What would shorten a run most. Undefined where nothing that was tried would. */
export function gainSentence(gain: Gain | undefined): string | undefined {
  if (gain === undefined) return undefined
  const { change, by, before, after } = gain
  const percent = Math.round((100 * (before - after)) / before)
  const phrase = changePhrase(change)
  const condition = change.kind === 'lanes' ? ' and as far as the machine keeps up' : ''
  return `${capital(phrase)} would shorten the run most: from ${duration(before)} to ${duration(after)} (${percent} % less), by ${by === 'simulation' ? 'simulation' : 'lower bounds'}${condition}.`
}

/** Of the wall time: what the rest of the machine does takes CPU too. */
const BUSY = 0.8

/**
 * That a run cannot be much shorter on its machine. Undefined where it can, or where that is not known.
 * @param cpuBound what the CPU that the files use takes on all cores, in ms
 */
export function cpuSentence(cpuBound: number | undefined, wall: number): string | undefined {
  if (cpuBound === undefined || cpuBound < BUSY * wall) return undefined
  return `The CPU that the files use takes ${duration(cpuBound)} on all cores of this machine: more lanes bring little.`
}
