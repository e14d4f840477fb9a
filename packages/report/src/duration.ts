/** A length of time for people: `850 ms`, `12.3 s`, `14 min 5 s`, `3 h 20 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 600) return `${seconds} s`
  if (seconds < 6000) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.round(seconds / 60)
  if (minutes >= 6000) return `${Math.round(minutes / 60)} h`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
