/* oxlint-disable unicorn/consistent-function-scoping -- its source text is put into the page: nothing outside of it exists there */
import type { Dom } from './dom.ts'
import type { Bar, Entry, Model, PageData, PageFile, PageFinding, Row } from './types.ts'

type Unplaced = Omit<Row, 'top' | 'height'>
type Span = Omit<Bar, 'level'>

/** The page's data, unpacked: files, and the rows of the timeline. */
export function createModel(data: PageData, dom: Dom, rowHeight: number): Model {
  const chain = new Set(data.chain)
  const findings = new Map<number, PageFinding[]>()
  for (const finding of data.findings) {
    const known = findings.get(finding.file)
    if (known === undefined) findings.set(finding.file, [finding])
    else known.push(finding)
  }

  function unpack(file: PageFile, index: number): Entry {
    const [
      name,
      project,
      outcome,
      claims,
      lane,
      times,
      held,
      cause,
      tests,
      estimate,
      cpu,
      stalled,
      error,
      failed,
    ] = file
    const instances = []
    for (let pair = 0; pair < held.length; pair += 2)
      instances.push({ resource: held[pair] ?? 0, number: held[pair + 1] ?? 0 })
    const at = (place: number): number => times[place] ?? -1
    const projectName = data.projects[project] ?? ''
    return {
      index,
      key: projectName === '' ? name : `[${projectName}] ${name}`,
      label: data.projects.length > 1 && projectName !== '' ? `[${projectName}] ${name}` : name,
      name,
      href:
        data.base +
        name
          .replace(/ \(part \d+ of \d+\)$/, '')
          .split('/')
          .map(encodeURIComponent)
          .join('/'),
      outcome: data.outcomes[outcome] ?? '',
      claims: data.claims[claims] ?? '',
      lane,
      queued: at(0),
      admitted: at(1),
      ready: at(2),
      started: at(3),
      collected: at(4),
      finished: at(5),
      exited: at(6),
      cleaned: at(7),
      instances,
      cause: data.causes[cause] ?? '',
      tests,
      estimate,
      cpu,
      stalled,
      error: error ?? '',
      failed: failed ?? [],
      inChain: chain.has(index),
      findings: findings.get(index) ?? [],
    }
  }

  /** A row of bars by time, those that overlap above each other. */
  function row(kind: Row['kind'], label: string, spans: readonly Span[]): Unplaced {
    const ends: number[] = []
    const bars = [...spans]
      .sort((a, b) => a.from - b.from)
      .map((span): Bar => {
        const free = ends.findIndex((end) => end <= span.from)
        const level = free === -1 ? ends.length : free
        ends[level] = span.to
        return { ...span, level }
      })
    return { kind, label, detail: dom.plural(bars.length, 'file'), bars, levels: Math.max(1, ends.length) }
  }

  function group(label: string, detail: string): Unplaced {
    return { kind: 'group', label, detail, bars: [], levels: 1 }
  }

  const entries = data.files.map(unpack)
  const ran = entries.filter(({ lane, admitted }) => lane > 0 && admitted >= 0)

  function laneRows(): Unplaced[] {
    const lanes = Array.from({ length: data.lanes }, (): Span[] => [])
    for (const entry of ran)
      lanes[entry.lane - 1]?.push({
        entry,
        from: entry.admitted,
        to: Math.max(entry.admitted, entry.finished),
      })
    return lanes.map((spans, index) => row('lane', `lane ${index + 1}`, spans))
  }

  function instanceRows(): Unplaced[] {
    const perResource = data.resources.map(() => new Map<number, Span[]>())
    for (const entry of ran)
      for (const { resource, number } of entry.instances) {
        const bars = perResource[resource]?.get(number) ?? []
        perResource[resource]?.set(number, bars)
        bars.push({
          entry,
          from: entry.admitted,
          to: Math.max(entry.admitted, entry.finished, entry.exited, entry.cleaned),
        })
      }
    return data.resources.flatMap(({ name, instances, perLane }, resource): Unplaced[] => {
      const held = perResource[resource] ?? new Map<number, Span[]>()
      if (held.size === 0) return []
      return [
        group(
          name,
          perLane ? `${dom.plural(held.size, 'instance')} used` : dom.plural(instances, 'instance'),
        ),
        ...[...held]
          .sort(([a], [b]) => a - b)
          .map(([number, spans]) => row('instance', `${name} ${number}`, spans)),
      ]
    })
  }

  /** Rows below each other; one in which many files overlap is taller. */
  function stacked(all: readonly Unplaced[]): Row[] {
    const most = 12
    const perLevel = 8
    let top = 0
    return all.map((each): Row => {
      const height = Math.max(rowHeight, Math.min(most, each.levels) * perLevel + 6)
      top += height
      return { ...each, height, top: top - height }
    })
  }

  const rows = stacked([group('Lanes', dom.plural(data.lanes, 'lane')), ...laneRows(), ...instanceRows()])
  return { data, entries, rows }
}
