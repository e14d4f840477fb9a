import type { Terminal } from './terminal.ts'

const DRAW_EVERY_MS = 200
/** Of a terminal that does not say how wide it is. */
const USUAL_COLUMNS = 80
/** In a log, where each look is a line of its own. */
const SAY_EVERY_MS = 30_000

/**
 * Shows how long work stands while it is under way: one line that is drawn again and again on a terminal; else a line now
 * and then. On stderr, so that what is piped stays clean.
 * @param silent shows nothing
 * @returns takes the line away
 */
export function showProgress(terminal: Terminal, silent: boolean, line: () => string): () => void {
  if (silent) return () => {}
  const draws = process.stderr.isTTY
  const show = (): void => {
    if (draws)
      process.stderr.write(`\r\u001B[2K${line().slice(0, (process.stderr.columns || USUAL_COLUMNS) - 1)}`)
    else terminal.warn(line())
  }
  const timer = setInterval(show, draws ? DRAW_EVERY_MS : SAY_EVERY_MS)
  timer.unref()
  return () => {
    clearInterval(timer)
    if (draws) process.stderr.write('\r\u001B[2K')
  }
}
