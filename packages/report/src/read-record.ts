import { LanesError, RECORD_VERSION } from '@vitest-lanes/core'
import type { RunRecord } from '@vitest-lanes/core'

/**
 * Reads a run record.
 * @param where where the text came from, for errors: a path
 * @throws LanesError LANES_RECORD_VERSION for a record of another version, and for what is no run record.
 */
export function readRecord(json: string, where: string): RunRecord {
  let parsed: unknown
  try {
    parsed = JSON.parse(json)
  } catch (cause) {
    throw unreadable(`${where} is no run record: it is not JSON.`, cause)
  }
  if (!isObject(parsed) || typeof parsed['version'] !== 'number')
    throw unreadable(`${where} is no run record: expected an object with a \`version\`.`)
  const { version } = parsed
  if (version > RECORD_VERSION)
    throw new LanesError(
      'LANES_RECORD_VERSION',
      `${where} was written by a newer vitest-lanes${writer(parsed)}: its version is ${version}, this one reads ${RECORD_VERSION}.`,
      { hint: 'Update vitest-lanes, or run the tests again with this one.' },
    )
  if (version < RECORD_VERSION)
    throw new LanesError(
      'LANES_RECORD_VERSION',
      `${where} was written by an older vitest-lanes${writer(parsed)}: its version is ${version}, this one reads ${RECORD_VERSION}.`,
      { hint: 'Run the tests again.' },
    )
  const missing = missingField(parsed)
  if (missing !== undefined) throw unreadable(`${where} is no run record: ${missing}.`)
  return parsed as unknown as RunRecord
}

function missingField(record: Readonly<Record<string, unknown>>): string | undefined {
  for (const field of ['duration', 'lanes', 'cores'])
    if (typeof record[field] !== 'number') return `expected \`${field}\` to be a number`
  for (const field of ['files', 'findings'])
    if (!Array.isArray(record[field])) return `expected \`${field}\` to be a list`
  if (!isObject(record['resources'])) return 'expected `resources` to be an object'
  const files = record['files'] as readonly unknown[]
  const broken = files.findIndex((file) => !isFile(file))
  return broken === -1 ? undefined : `entry ${broken} of \`files\` cannot be read`
}

function isFile(file: unknown): boolean {
  return (
    isObject(file) &&
    typeof file['file'] === 'string' &&
    typeof file['project'] === 'string' &&
    Array.isArray(file['claims']) &&
    isObject(file['times']) &&
    isObject(file['tests'])
  )
}

function writer(record: Readonly<Record<string, unknown>>): string {
  const { vitestLanes } = record
  return typeof vitestLanes === 'string' ? ` (${vitestLanes})` : ''
}

function unreadable(message: string, cause?: unknown): LanesError {
  return new LanesError('LANES_RECORD_VERSION', message, {
    hint: 'A run writes `.vitest-lanes/run.json`.',
    cause,
  })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
