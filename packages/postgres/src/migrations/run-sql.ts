import { LanesError } from '@vitest-lanes/core'
import type { Session } from '../sql/session.ts'
import { excerpt, lineAt, offsetOfPosition } from '../sql/place.ts'
import { splitStatements } from '../sql/split.ts'

/** What PostgreSQL says of an error; the names are those of the `pg` client. */
interface ServerError extends Error {
  readonly code?: string
  readonly position?: string
  readonly detail?: string
  readonly hint?: string
  readonly where?: string
}

const NOT_IN_TRANSACTION = '25001'

/**
 * Runs one SQL file as one simple query, as `psql -1 -f` would: all of it, or nothing. A file with a statement that
 * refuses that, such as `CREATE INDEX CONCURRENTLY`, runs statement by statement.
 * @throws LANES_MIGRATION with the server's own words, file and line.
 */
export async function runSql(session: Session, file: string, text: string): Promise<void> {
  let done = 0
  const off = session.onStatement(() => done++)
  try {
    await session.query(text)
  } catch (error) {
    if (!isServerError(error)) throw failed(file, text, undefined, error)
    if (error.code !== NOT_IN_TRANSACTION || done > 0)
      throw failed(file, text, placeOf(text, error, done), error)
    await runOneByOne(session, file, text)
  } finally {
    off()
  }
  await cleanSession(session, file)
}

async function runOneByOne(session: Session, file: string, text: string): Promise<void> {
  for (const statement of splitStatements(text)) {
    try {
      await session.query(statement.text)
    } catch (error) {
      const within = isServerError(error) ? placeOf(statement.text, error, 0) : 0
      throw failed(file, text, statement.offset + (within ?? 0), error)
    }
  }
}

/** Each file begins with a session as new: a dump, for one, leaves an empty `search_path` behind. */
async function cleanSession(session: Session, file: string): Promise<void> {
  try {
    await session.query('DISCARD ALL')
  } catch (cause) {
    if (!isServerError(cause) || cause.code !== NOT_IN_TRANSACTION) throw failed(file, '', undefined, cause)
    throw new LanesError('LANES_MIGRATION', `Migration ${file} ends with a transaction still open.`, {
      hint: 'End it with COMMIT, or leave BEGIN out: a file runs in one transaction anyway.',
      cause,
    })
  }
}

/** Where in the text it failed: where the server says, else where the statement begins that did not end. */
function placeOf(text: string, error: ServerError, done: number): number | undefined {
  if (error.position !== undefined) return offsetOfPosition(text, Number(error.position))
  return splitStatements(text)[done]?.offset
}

function failed(file: string, text: string, offset: number | undefined, cause: unknown): LanesError {
  const said = cause instanceof Error ? cause.message : String(cause)
  const more = isServerError(cause) ? [cause.detail, cause.hint, cause.where].filter((line) => line) : []
  const line = offset === undefined ? undefined : lineAt(text, offset)
  return new LanesError(
    'LANES_MIGRATION',
    [
      `Migration ${file}${line === undefined ? '' : `:${line}`} failed: ${said}`,
      ...more.map((line) => `  ${line}`),
      ...(line === undefined ? [] : [excerpt(text, line)]),
    ].join('\n'),
    { cause },
  )
}

function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'severity' in error
}
