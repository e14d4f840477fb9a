import { randomUUID } from 'node:crypto'

/**
 * A job id that no other test, lane or machine has: `prefix-` and 32 hexadecimal digits.
 * BullMQ refuses ids with a colon and ids of digits alone, so colons of the prefix become dashes.
 */
export function uniqueJobId(prefix = 'job'): string {
  return `${prefix.replaceAll(':', '-')}-${randomUUID().replaceAll('-', '')}`
}
