import type { Step, Tried } from './try-fault.ts'

/** What the commands say of each fault, as a table in Markdown. Figures that change from run to run are left out. */
export function table(all: readonly Tried[]): string {
  const rows = all.map(({ fault, stress, replay, bisect, audit }) => [
    fault.kind,
    fault.seen.map((url, index) => `[${index + 1}](${url})`).join(' '),
    cell(stress, () => 'found'),
    cell(replay, () => 'repeated'),
    cell(bisect, ({ files }) =>
      fault.mutual ? 'names the other file' : `names ${files.map(nameOf).join(', ')}`,
    ),
    cell(audit, (use) => (use === undefined ? 'cannot see it' : `\`${use}\``)),
  ])
  const titles = ['fault', 'seen in', '`stress`', '`replay`', '`bisect`', '`audit`']
  return [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function cell<T>(step: Step<T>, say: (found: T) => string): string {
  return 'found' in step ? say(step.found) : '**missed**'
}

function nameOf(path: string): string {
  return `\`${path.replace(/^.*\/|\.check\.js$/g, '')}\``
}
