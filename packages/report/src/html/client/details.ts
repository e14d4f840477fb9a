/* oxlint-disable unicorn/consistent-function-scoping -- its source text is put into the page: nothing outside of it exists there */
import type { Dom } from './dom.ts'
import type { Entry, Model } from './types.ts'

export interface Details {
  /** All that is known of a file, in one element. */
  render(entry: Entry): HTMLElement
  /** The same in one sentence, for screen readers. */
  sentence(entry: Entry): string
}

export function createDetails({ data, entries }: Model, dom: Dom, mostNeighbours: number): Details {
  const since = (from: number, to: number): number => (from < 0 || to < 0 ? 0 : Math.max(0, to - from))

  function phases(entry: Entry): [string, number][] {
    const { queued, admitted, ready, started, collected, finished, exited, cleaned } = entry
    const all: [string, number][] = [
      ['waited', since(queued, admitted)],
      ['instances opened', since(admitted, ready)],
      ['worker started', since(ready, started)],
      ['imports', since(started, collected)],
      [collected < 0 ? 'imports and tests' : 'tests', since(collected < 0 ? started : collected, finished)],
      ['worker exited', since(finished, exited)],
      ['instances cleaned', since(exited, cleaned)],
    ]
    return all.filter(([, ms]) => ms > 0)
  }

  function heldText({ instances }: Entry): string {
    return instances
      .map(({ resource, number }) => `${data.resources[resource]?.name ?? ''} ${number}`)
      .join(', ')
  }

  /** Files by the lane and the instances that they held: who waited for one, waited for one of these. */
  const holders = new Map<string, Entry[]>()
  for (const entry of entries) {
    if (entry.admitted < 0) continue
    const places = entry.instances.map(({ resource, number }) => `${resource} ${number}`)
    for (const place of [`lane ${entry.lane}`, ...places]) {
      const known = holders.get(place)
      if (known === undefined) holders.set(place, [entry])
      else known.push(entry)
    }
  }

  /** Who gave back what the file waited for. */
  function waitText(entry: Entry): string {
    const waited = since(entry.queued, entry.admitted)
    if (entry.cause === '' || waited < 1) return ''
    const isLane = entry.cause === 'lane'
    const held = entry.instances.find(({ resource }) => data.resources[resource]?.name === entry.cause)
    const place = isLane ? `lane ${entry.lane}` : held && `${held.resource} ${held.number}`
    let holder: Entry | undefined
    for (const other of (place && holders.get(place)) || []) {
      const end = isLane ? other.finished : Math.max(other.cleaned, other.exited)
      const before = other !== entry && other.admitted < entry.admitted && end <= entry.admitted + 1
      if (before && (holder === undefined || other.finished > holder.finished)) holder = other
    }
    const by = holder === undefined ? '' : `, held by ${holder.label}`
    return `${dom.duration(waited)} for ${isLane ? 'a lane' : entry.cause}${by}`
  }

  function besideText(entry: Entry, from: number, to: number): string {
    const others = entries.filter(
      (other) =>
        other !== entry &&
        other.admitted >= 0 &&
        other.admitted < to &&
        Math.max(other.finished, other.exited) > from,
    )
    if (others.length === 0) return 'nothing'
    const shown = others.slice(0, mostNeighbours).map((other) => {
      const held = heldText(other)
      return `${other.label} (lane ${other.lane}${held === '' ? '' : `: ${held}`})`
    })
    const rest = others.length > mostNeighbours ? ` and ${others.length - mostNeighbours} more` : ''
    return `${shown.join(', ')}${rest}`
  }

  function cpuText({ cpu, stalled }: Entry): string {
    if (cpu < 0) return ''
    return `${dom.duration(cpu)}${stalled < 1 ? '' : `; waited ${dom.duration(stalled)} for a free core`}`
  }

  function failures(entry: Entry): [string, string][] {
    if (entry.outcome !== 'failed') return []
    if (entry.failed.length === 0)
      return [['beside it', besideText(entry, entry.admitted, Math.max(entry.finished, entry.exited))]]
    return entry.failed.map(([name, from, to]): [string, string] => [
      'failed test',
      `${name}; beside it: ${besideText(entry, from, to)}`,
    ])
  }

  function facts(entry: Entry): [string, string][] {
    const [passed, failed, skipped] = entry.tests
    const tests = [
      [passed, 'passed'],
      [failed, 'failed'],
      [skipped, 'skipped'],
    ]
      .filter(([number]) => number !== 0)
      .map(([number, what]) => `${number} ${what}`)
      .join(', ')
    const begin = entry.ready < 0 ? entry.admitted : entry.ready
    const took = since(begin, entry.finished)
    const expected = entry.estimate > 0 ? ` (expected ${dom.duration(entry.estimate)})` : ''
    const all: [string, string][] = [
      ['outcome', `${entry.outcome}${tests === '' ? '' : `: ${tests}`}`],
      ['took', entry.admitted < 0 ? '' : `${dom.duration(took)}${expected}`],
      ['CPU', cpuText(entry)],
      ['lane', entry.lane > 0 ? `${entry.lane}, from ${dom.clock(entry.admitted)}` : 'it did not run'],
      ['claims', entry.claims],
      ['held', heldText(entry)],
      ['waited', waitText(entry)],
      ...failures(entry),
      ['error', entry.error],
      ['chain', entry.inChain ? 'it is part of what bounds the run' : ''],
      ...entry.findings.map((finding): [string, string] => ['finding', finding.message]),
    ]
    return all.filter(([, text]) => text !== '')
  }

  function phaseBar(entry: Entry): HTMLElement {
    const list = dom.make('ul', 'phases')
    const parts = phases(entry)
    const total = parts.reduce((sum, [, ms]) => sum + ms, 0)
    for (const [name, ms] of parts) {
      const item = dom.make('li', `phase ${name.replaceAll(' ', '-')}`, `${name} ${dom.duration(ms)}`)
      item.style.setProperty('--part', `${(100 * ms) / Math.max(1, total)}%`)
      list.append(item)
    }
    return list
  }

  return {
    render(entry) {
      const element = dom.make('div', 'details-body')
      const list = dom.make('dl')
      for (const [term, text] of facts(entry)) list.append(dom.make('dt', '', term), dom.make('dd', '', text))
      element.append(list, phaseBar(entry))
      return element
    },
    sentence: (entry) =>
      [
        entry.key,
        ...facts(entry)
          .filter(([term]) => term !== 'error' && term !== 'beside it' && term !== 'failed test')
          .map(([term, text]) => `${term} ${text}`),
      ].join('; '),
  }
}
