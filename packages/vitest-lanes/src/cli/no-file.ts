import { LanesError } from '@vitest-lanes/core'

/** Filters that match no test file. */
export function noFile(filters: readonly string[], root: string): LanesError {
  const which =
    filters.length === 0 ? '' : ` that matches ${filters.map((filter) => `\`${filter}\``).join(' or ')}`
  return new LanesError('LANES_OPTION_INVALID', `There is no test file in ${root}${which}.`, {
    hint: 'Filters are parts of paths, as Vitest takes them. `npx vitest list --filesOnly` shows what there is.',
  })
}
