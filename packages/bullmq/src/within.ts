/** What stands for work that has not ended in time. */
export const LATE = Symbol('late')

/** Resolves with `LATE` where the work takes longer than so many milliseconds. A rejection is the caller's. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => resolve(LATE), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
