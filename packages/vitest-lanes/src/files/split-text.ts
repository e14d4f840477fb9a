/** The tag of a file that is never split. */
export const UNSPLIT = 'unsplit'

const REASONS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/\.only\b|\bonly\s*:\s*true/, 'it has an `only`'],
  // Vitest does not say of a suite that has been collected that its tests are to run one after another (4.1.12, 5.1.1).
  [/\.sequential\b|\bsequential\s*:\s*true|\bconcurrent\s*:\s*false/, 'it has `sequential` tests'],
  [/\.shuffle\b|\bshuffle\s*:/, 'it shuffles its tests'],
  [/\bbench\s*\(|\bbench\s*\./, 'it has benchmarks'],
]

/** Why a file must run whole, by its text. */
export function whyWholeText(text: string, tags: readonly string[]): string | undefined {
  if (tags.includes(UNSPLIT)) return 'it is tagged `unsplit`'
  return REASONS.find(([pattern]) => pattern.test(text))?.[1]
}
