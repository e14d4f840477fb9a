/* oxlint-disable unicorn/consistent-function-scoping -- its source text is put into the page: nothing outside of it exists there */
import type { Details } from './details.ts'
import type { Dom } from './dom.ts'
import type { Bar, Entry, Row } from './types.ts'

/** What of the timeline is seen, and how large. */
export interface View {
  /** px: where time begins. */
  readonly left: number
  /** px for each ms. */
  readonly scale: number
  /** ms. */
  readonly window: { readonly from: number; readonly to: number }
  /** The bar that the keyboard is at. */
  readonly active: Bar | undefined
  readonly selected: Entry | undefined
}

export interface BarPainter {
  paint(row: Row, view: View): HTMLElement[]
  fillTip(tip: HTMLElement, bar: Bar | undefined, label: string): void
}

/** Makes the bars of a row; neighbours that are too small to be told apart become one. */
export function createBarPainter(dom: Dom, details: Details): BarPainter {
  const smallest = 3
  /** So that a failure among small bars is seen where it is. */
  const widestCluster = 10
  const inset = 3

  function place(element: HTMLElement, from: number, to: number, view: View): void {
    element.style.left = `${view.left + from * view.scale}px`
    element.style.width = `${Math.max(smallest, (to - from) * view.scale - 1)}px`
  }

  /** Where the phases of a bar end, in percent of it. */
  function phases(element: HTMLElement, { entry, from, to }: Bar): void {
    const percent = (time: number): number =>
      time < 0 || to <= from ? 0 : Math.min(100, Math.max(0, (100 * (time - from)) / (to - from)))
    const ready = percent(entry.ready)
    const started = Math.max(ready, percent(entry.started))
    const collected = Math.max(started, percent(entry.collected))
    const finished = entry.finished < 0 ? 100 : percent(entry.finished)
    element.style.setProperty('--ready', `${ready.toFixed(2)}%`)
    element.style.setProperty('--started', `${started.toFixed(2)}%`)
    element.style.setProperty('--collected', `${collected.toFixed(2)}%`)
    element.style.setProperty('--finished', `${Math.max(collected, finished).toFixed(2)}%`)
  }

  function single(row: Row, bar: Bar, index: number, view: View): HTMLElement {
    const { entry } = bar
    const width = (bar.to - bar.from) * view.scale
    const chain = entry.inChain ? ' in-chain' : ''
    const selected = view.selected === entry ? ' selected' : ''
    const element = dom.make('div', `bar ${entry.outcome}${chain}${selected}`, '', {
      role: 'gridcell',
      'data-bar': String(index),
      'aria-label': details.sentence(entry),
      tabindex: view.active === bar ? '0' : '-1',
    })
    if (view.active === bar) element.dataset['active'] = ''
    const height = (row.height - 2 * inset) / row.levels
    element.style.top = `${inset + bar.level * height}px`
    element.style.height = `${Math.max(2, height - (row.levels > 1 ? 1 : 0))}px`
    place(element, bar.from, bar.to, view)
    phases(element, bar)
    const room = width * (1 - Math.max(0, (entry.started - bar.from) / Math.max(1, bar.to - bar.from)))
    if (room > 46 && height > 14) {
      const mark = entry.outcome === 'failed' ? '✕ ' : ''
      const name = entry.name.slice(entry.name.lastIndexOf('/') + 1)
      element.append(dom.make('span', 'name', mark + name.replace(/\.(test|spec)\.[cm]?[jt]sx?$/, '')))
    }
    return element
  }

  /** The time in which the worker still exits: its lane may be taken already. */
  function tail(bar: Bar, view: View): HTMLElement[] {
    const { exited, finished, outcome } = bar.entry
    if (finished < 0 || (exited - finished) * view.scale < smallest) return []
    const element = dom.make('div', `tail ${outcome}`)
    place(element, finished, exited, view)
    return [element]
  }

  function cluster(row: Row, bars: readonly Bar[], first: number, view: View): HTMLElement {
    const from = bars[0]?.from ?? 0
    const to = bars.reduce((last, bar) => Math.max(last, bar.to), 0)
    const failed = bars.filter(({ entry }) => entry.outcome === 'failed').length
    const chain = bars.some(({ entry }) => entry.inChain) ? ' in-chain' : ''
    const failures = failed === 0 ? '' : `, ${failed} failed`
    const element = dom.make('div', `bar cluster ${failed > 0 ? 'failed' : 'passed'}${chain}`, '', {
      role: 'gridcell',
      'data-bar': String(first),
      'aria-label': `${dom.plural(bars.length, 'file')}${failures}, ${dom.clock(from)} to ${dom.clock(to)}: zoom in to see each`,
    })
    const height = (row.height - 2 * inset) / row.levels
    element.style.top = `${inset + (bars[0]?.level ?? 0) * height}px`
    element.style.height = `${Math.max(2, height)}px`
    place(element, from, to, view)
    return element
  }

  return {
    paint(row, view) {
      const elements: HTMLElement[] = []
      const small: { bars: Bar[]; first: number; start: number; end: number }[] = []
      const flush = (level: number): void => {
        const run = small[level]
        if (run === undefined || run.bars.length === 0) return
        const [only] = run.bars
        elements.push(
          run.bars.length === 1 && only !== undefined
            ? single(row, only, run.first, view)
            : cluster(row, run.bars, run.first, view),
        )
        small[level] = { bars: [], first: 0, start: 0, end: 0 }
      }
      for (const [index, bar] of row.bars.entries()) {
        if (bar.to < view.window.from || bar.from > view.window.to) continue
        const special = bar === view.active || bar.entry === view.selected
        if ((bar.to - bar.from) * view.scale >= smallest + 1 || special) {
          if (!special) flush(bar.level)
          elements.push(single(row, bar, index, view))
          if (row.kind === 'lane') elements.push(...tail(bar, view))
          continue
        }
        const start = bar.from * view.scale
        const before = small[bar.level]
        if (before !== undefined && (start - before.end > smallest || start - before.start > widestCluster))
          flush(bar.level)
        const run = (small[bar.level] ??= { bars: [], first: index, start, end: 0 })
        if (run.bars.length === 0) {
          run.first = index
          run.start = start
        }
        run.bars.push(bar)
        run.end = Math.max(run.end, bar.to * view.scale, start + 1)
      }
      for (const level of small.keys()) flush(level)
      return elements
    },
    fillTip(tip, bar, label) {
      if (bar === undefined || label.endsWith('zoom in to see each')) tip.replaceChildren(label)
      else tip.replaceChildren(dom.make('strong', '', bar.entry.label), details.render(bar.entry))
    },
  }
}
