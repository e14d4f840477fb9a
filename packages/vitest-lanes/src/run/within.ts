/** Whether the work ended within so many ms. Never rejects; without a limit it waits as long as it takes. */
export async function within(work: Promise<unknown>, limit: number | undefined): Promise<boolean> {
  const done = work.then(
    () => true,
    () => true,
  )
  if (limit === undefined) return done
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), limit)))
  return Promise.race([done, late]).finally(() => clearTimeout(timer))
}

/** Resolves when the signal is aborted, or after so many ms. */
export async function aborted(signal: AbortSignal, limit: number): Promise<void> {
  if (signal.aborted) return
  const abort = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await within(abort, limit)
}
