import type { Event } from './in-project/events.ts'

/** Names of the files that ran at the same time as another of them, by the `begin` and `end` that they told. */
export function overlapping(events: readonly Event[], folder: string): string[] {
  const found = new Set<string>()
  const running = new Set<string>()
  for (const { what, file = '' } of events) {
    if (!file.startsWith(folder)) continue
    if (what === 'end') running.delete(file)
    if (what !== 'begin') continue
    running.add(file)
    if (running.size > 1) for (const one of running) found.add(one)
  }
  return [...found].toSorted((a, b) => a.localeCompare(b))
}

/** Files in the order in which they began. */
export function begun(events: readonly Event[]): string[] {
  return events.filter(({ what }) => what === 'begin').map(({ file }) => file ?? '')
}
