/** Vitest has a sentence of its own for it, which names no file. Where it was made means nothing to the reader. */
export function exitError(file: string, signal: unknown): Error {
  const how = typeof signal === 'string' ? ` (${signal})` : ''
  const error = new Error(`The worker of ${file} exited unexpectedly${how}.`)
  error.stack = `${error.name}: ${error.message}`
  return error
}
