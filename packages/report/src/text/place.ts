import type { FileRecord } from '@vitest-lanes/core'
import type { Neighbour } from '../analysis/beside.ts'
import { instancesText } from './describe.ts'

const MOST_NEIGHBOURS = 8

/** Where a file ran and what beside it: `lane 1 on redis 2, beside b.test.ts (lane 2 on redis 1) and 3 more`. */
export function placeText(
  { lane, instances }: Pick<FileRecord, 'lane' | 'instances'>,
  beside: readonly Neighbour[],
): string {
  const others = beside
    .slice(0, MOST_NEIGHBOURS)
    .map((other) => `${other.file} (lane ${other.lane}${instancesText(other.instances)})`)
    .join(', ')
  const left = beside.length - MOST_NEIGHBOURS
  const more = left > 0 ? ` and ${left} more` : ''
  const where = `lane ${lane}${instancesText(instances)}`
  return others === '' ? `${where}, with nothing beside it` : `${where}, beside ${others}${more}`
}
