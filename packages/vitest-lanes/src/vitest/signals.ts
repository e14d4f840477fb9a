type Signal = 'SIGINT' | 'SIGTERM'

const SIGNALS: readonly Signal[] = ['SIGINT', 'SIGTERM']

/**
 * Puts a listener in the place of Vitest's own, which ends the process within a millisecond. Other listeners stay.
 * Returns what takes it away again.
 */
export function takeSignals(listener: (signal: Signal) => void): () => void {
  const theirs = exitListeners()
  for (const signal of SIGNALS) {
    for (const their of theirs) process.off(signal, their)
    process.on(signal, listener)
  }
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener)
  }
}

// Vitest's logger listens with one function, `onExit`, for both signals and for the exit (4.1.12, 5.1.1).
function exitListeners(): NodeJS.SignalsListener[] {
  const [onExit, ...others] = (['exit', ...SIGNALS] as const).map((event) =>
    process.listeners(event as Signal),
  )
  return onExit!.filter((one) => one.name === 'onExit' && others.every((list) => list.includes(one)))
}
