import { LanesError } from '@vitest-lanes/core'

/** What to do about the errors that a server gives when it has no more of something. */
const HINTS: Readonly<Record<string, string>> = {
  '53100': 'Its disk is full, or the memory that its data lies in: make room, or use fewer lanes.',
  '53200': 'It is out of memory: use fewer lanes.',
  '53300': 'It has no free connection: raise max_connections, or use fewer lanes.',
  '55006': 'Something is connected to the template: end it.',
}

/** What a file is told that cannot have its database. */
export function cloneFailure(cause: unknown): LanesError {
  const { code, message } = Object(cause)
  const hint = HINTS[String(code)]
  return new LanesError(
    'LANES_PROVIDER_OPEN',
    `PostgreSQL could not clone the template: ${String(message)}.`,
    {
      ...(hint !== undefined && { hint }),
      cause,
    },
  )
}
