const KEPT = 32_768

/** Keeps the end of what a server printed, and hands lines on. Secrets are masked before anything is kept. */
export interface OutputTail {
  readonly write: (chunk: string) => void
  readonly text: () => string
  readonly onLine: (listener: (line: string) => void) => () => void
}

export function createOutputTail(secrets: readonly string[] = []): OutputTail {
  const listeners = new Set<(line: string) => void>()
  const hidden = secrets.filter((secret) => secret !== '')
  let kept = ''
  let unfinished = ''
  const mask = (line: string) => hidden.reduce((text, secret) => text.replaceAll(secret, '***'), line)
  return {
    write(chunk) {
      const lines = (unfinished + chunk).split('\n')
      unfinished = lines.pop() ?? ''
      for (const line of lines.map(mask)) {
        kept += `${line}\n`
        for (const listener of listeners) listener(line)
      }
      if (kept.length > KEPT) kept = kept.slice(-KEPT)
    },
    text: () => kept + mask(unfinished),
    onLine(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
