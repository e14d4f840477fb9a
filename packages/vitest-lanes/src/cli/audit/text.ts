import { MACHINE, meetingText, someUses } from '@vitest-lanes/core'
import type { Collision, DirectoryPair, Footprint, Growth, Use } from '@vitest-lanes/core'
import { count } from '@vitest-lanes/report'

/** Collisions that are shown; all are in `--json`. */
const MOST_PAIRS = 20
const MOST_MEETINGS = 3

/** What each file did, a few lines each. */
export function footprintLines(footprints: readonly Footprint[]): string[] {
  return footprints.flatMap(({ file, project, outcome, resources, machine, unseen }) => [
    `${project === '' ? '' : `[${project}] `}${file}${outcome === 'failed' ? ' (failed)' : ''}`,
    ...[...Object.entries(resources), [MACHINE, machine] as const].flatMap(([resource, uses]) =>
      usesLines(resource, uses),
    ),
    ...(Object.keys(resources).length + machine.length === 0 ? ['  nothing that files share'] : []),
    ...unseen.map((sentence) => `  unseen: ${sentence}`),
  ])
}

function usesLines(resource: string, uses: readonly Use[]): string[] {
  const of = (modes: readonly Use['mode'][]) => uses.filter(({ mode }) => modes.includes(mode))
  const whole = of(['all', 'any'])
  const [written, read] = [of(['write']), of(['read'])]
  const parts = [
    ...(whole.length > 0 ? [`whole server: ${someUses(whole)}`] : []),
    ...(written.length > 0 ? [`writes ${someUses(written)}`] : []),
    ...(read.length > 0 ? [`reads ${someUses(read)}`] : []),
  ]
  return parts.length === 0 ? [] : [`  ${resource}: ${parts.join('; ')}`]
}

/**
 * Which files would collide on one instance, and which could share one.
 * @param doubt why there may be more
 */
export function collisionLines(
  footprints: readonly Footprint[],
  found: readonly Collision[],
  doubt: string | undefined,
): string[] {
  const pairs = (footprints.length * (footprints.length - 1)) / 2
  if (pairs === 0) return []
  if (found.length === 0)
    return [
      doubt === undefined
        ? `All ${count(pairs, 'pair')} of files could share their instances.`
        : `It is not known which of ${count(pairs, 'pair')} of files could share their instances: ${doubt}.`,
    ]
  const others =
    doubt === undefined ? 'the others could share one' : `of the others it is not known, since ${doubt}`
  const shown = found
    .slice(0, MOST_PAIRS)
    .flatMap(({ files: [one, other], on }) => [
      `  ${one} × ${other}`,
      ...on.slice(0, MOST_MEETINGS).map((meeting) => `    ${meeting.resource}: ${meetingText(meeting)}`),
      ...(on.length > MOST_MEETINGS ? [`    and ${on.length - MOST_MEETINGS} more`] : []),
    ])
  const more = found.length > MOST_PAIRS ? [`  and ${found.length - MOST_PAIRS} more: see --json`] : []
  return [
    `${found.length} of ${count(pairs, 'pair')} of files would collide on one instance; ${others}:`,
    ...shown,
    ...more,
  ]
}

/** The same by directory: colliding pairs of all pairs, and where. */
export function matrixLines(directories: readonly DirectoryPair[]): string[] {
  if (directories.length < 2) return []
  const names = directories.map(({ directories: [one, other] }) =>
    one === other ? `within ${one || '.'}` : `${one || '.'} × ${other || '.'}`,
  )
  const width = Math.max(...names.map(({ length }) => length))
  return [
    'By directory, pairs that collide of all:',
    ...directories.map(
      ({ pairs, colliding, resources }, index) =>
        `  ${names[index]!.padEnd(width)}  ${colliding} of ${pairs}${resources.length > 0 ? `  ${resources.join(', ')}` : ''}`,
    ),
  ]
}

/** What files do beyond their claims. */
export function growthLines(found: readonly Growth[]): string[] {
  return found.map(({ file, message }) => `${file} ${message}.`)
}
