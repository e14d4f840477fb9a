import { LanesError } from '../errors.ts'
import { FOOTPRINT_VERSION, type Footprints } from './footprint.ts'

/**
 * Reads footprints that `audit` has left.
 * @param where how an error names them
 * @throws LanesError LANES_FOOTPRINTS where they cannot be read, or are of another version
 */
export function parseFootprints(json: string, where: string): Footprints {
  let found: unknown
  try {
    found = JSON.parse(json)
  } catch {
    found = undefined
  }
  const { version, files } = (typeof found === 'object' && found !== null ? found : {}) as Record<
    string,
    unknown
  >
  if (version === FOOTPRINT_VERSION && Array.isArray(files)) return found as Footprints
  throw new LanesError(
    'LANES_FOOTPRINTS',
    `Expected footprints of version ${FOOTPRINT_VERSION} in ${where}, got ${version === undefined ? 'something else' : `version ${JSON.stringify(version)}`}.`,
    { hint: '`vitest-lanes audit` makes them anew.' },
  )
}
