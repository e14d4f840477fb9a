/* oxlint-disable unicorn/consistent-function-scoping -- its source text is put into the page: nothing outside of it exists there */
import type { BarPainter } from './bars.ts'
import type { Dom } from './dom.ts'
import type { Bar, Hub, Model } from './types.ts'
import type { Place, Walk } from './walk.ts'

/**
 * The rows of lanes and instances: a grid with one tab stop. Only rows and bars that can be seen are in the page.
 * Arrow keys go from bar to bar, Enter selects, `+`, `-` and `0` zoom.
 */
export function createTimeline(model: Model, hub: Hub, dom: Dom, painter: BarPainter, walk: Walk): void {
  const { rows, data } = model
  const scroller = dom.byId('timeline')
  const canvas = dom.byId('canvas')
  const axis = dom.byId('axis')
  const body = dom.byId('rows')
  const tip = dom.byId('tip')
  const drawn = new Map<number, HTMLElement>()
  const total = Math.max(1, data.duration)
  const mostZoom = 4096
  let zoom = 1
  let printing = false
  let active = walk.first
  let window: { from: number; to: number } = { from: 0, to: total }
  let frame = 0

  let measured = measure()

  /** Once for each drawing: to ask for sizes between two changes of the page makes it lay itself out each time. */
  function measure() {
    const label = Number.parseFloat(getComputedStyle(scroller).getPropertyValue('--label'))
    const { clientWidth: width, clientHeight: height } = scroller
    return { label, width, height, scale: (Math.max(80, width - label - 12) * zoom) / total }
  }

  function layOut(): void {
    measured = measure()
    canvas.style.width = `${measured.label + total * measured.scale + 12}px`
    const last = rows.at(-1)
    body.style.height = `${(last?.top ?? 0) + (last?.height ?? 0)}px`
    body.setAttribute('aria-rowcount', String(rows.length))
    redraw()
  }

  function redraw(): void {
    const hadFocus = body.contains(document.activeElement)
    drawn.clear()
    body.replaceChildren()
    drawAxis()
    draw()
    if (hadFocus) focusActive()
  }

  /** ms between two marks of the axis: 1, 2 or 5 of something, and whole minutes where they are that far apart. */
  function tickStep(): number {
    const wanted = 90 / measured.scale
    const minutes = wanted > 30_000
    const unit = minutes ? 60_000 : 1
    const power = unit * 10 ** Math.max(0, Math.floor(Math.log10(wanted / unit)))
    return ([1, 2, 5].find((step) => step * power >= wanted) ?? 10) * power
  }

  function drawAxis(): void {
    const perMs = measured.scale
    const step = tickStep()
    const ticks = []
    const last = Math.min(total, window.to)
    for (let time = Math.floor(window.from / step) * step; time <= last; time += step) {
      const tick = dom.make('span', 'tick', dom.clock(time))
      tick.style.left = `${measured.label + time * perMs}px`
      ticks.push(tick)
    }
    axis.replaceChildren(...ticks)
    canvas.style.setProperty('--step', `${step * perMs}px`)
  }

  /** Bars are kept for one view before and after what is seen, so that scrolling rarely draws. */
  function moveWindow(): boolean {
    if (printing) {
      window = { from: 0, to: total }
      return false
    }
    const perMs = measured.scale
    const from = scroller.scrollLeft / perMs
    const width = scroller.clientWidth / perMs
    if (
      from >= window.from &&
      Math.min(total, from + width) <= window.to &&
      window.to - window.from <= 4 * width
    )
      return false
    window = { from: Math.max(0, from - width), to: Math.min(total, from + 2 * width) }
    return true
  }

  function draw(): void {
    if (moveWindow()) {
      redraw()
      return
    }
    const first = printing ? 0 : Math.max(0, walk.rowAt(scroller.scrollTop) - 4)
    const last = printing ? rows.length - 1 : walk.rowAt(scroller.scrollTop + scroller.clientHeight) + 4
    for (const [index, element] of drawn)
      if ((index < first || index > last) && index !== active?.row) {
        element.remove()
        drawn.delete(index)
      }
    for (let index = first; index <= Math.min(last, rows.length - 1); index++)
      if (!drawn.has(index)) drawRow(index)
    if (active !== undefined && !drawn.has(active.row)) drawRow(active.row)
  }

  function focusActive(): void {
    body.querySelector<HTMLElement>('[data-active]')?.focus({ preventScroll: true })
  }

  function drawRow(index: number): void {
    const row = rows[index]
    if (row === undefined) return
    const element = dom.make('div', `row ${row.kind}`, '', {
      role: 'row',
      'aria-rowindex': String(index + 1),
    })
    element.style.top = `${row.top}px`
    element.style.height = `${row.height}px`
    const label = dom.make('div', 'label', row.label, { role: 'rowheader' })
    label.append(dom.make('span', 'detail', row.detail))
    element.append(
      label,
      ...painter.paint(row, {
        left: measured.label,
        scale: measured.scale,
        window,
        active: active?.row === index ? active.bar : undefined,
        selected: hub.selected,
      }),
    )
    drawn.get(index)?.remove()
    drawn.set(index, element)
    // In order of rows: what reads the page aloud goes from top to bottom.
    const next = [...drawn.keys()].filter((other) => other > index).sort((a, b) => a - b)[0]
    body.insertBefore(element, next === undefined ? null : (drawn.get(next) ?? null))
  }

  function later(work: () => void): void {
    cancelAnimationFrame(frame)
    frame = requestAnimationFrame(work)
  }

  function zoomTo(next: number, around?: number): void {
    const perMs = measured.scale
    const room = scroller.clientWidth - measured.label
    const centre = around ?? (scroller.scrollLeft + room / 2) / perMs
    zoom = Math.min(mostZoom, Math.max(1, next))
    measured = measure()
    canvas.style.width = `${measured.label + total * measured.scale + 12}px`
    scroller.scrollLeft = centre * measured.scale - room / 2
    window = { from: 0, to: 0 }
    moveWindow()
    redraw()
    dom.byId('zoom-out').toggleAttribute('disabled', zoom === 1)
  }

  function activate(next: Place | undefined, focus: boolean): void {
    if (next === undefined) return
    const before = active?.row
    active = next
    const perMs = measured.scale
    const room = scroller.clientWidth - measured.label
    const from = next.bar.from * perMs
    const to = next.bar.to * perMs
    if (from < scroller.scrollLeft || to > scroller.scrollLeft + room)
      scroller.scrollLeft = Math.max(0, to - from > room ? from - 20 : (from + to) / 2 - room / 2)
    const { top = 0, height = 0 } = rows[next.row] ?? {}
    const seen = scroller.clientHeight - axis.offsetHeight
    if (top < scroller.scrollTop || top + height > scroller.scrollTop + seen)
      scroller.scrollTop = Math.max(0, top - seen / 2)
    if (moveWindow()) redraw()
    else {
      if (before !== undefined && before !== next.row && drawn.has(before)) drawRow(before)
      drawRow(next.row)
      draw()
    }
    if (focus) focusActive()
  }

  function onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const { key } = event
    if (key === '+' || key === '=') zoomTo(zoom * 2, active && (active.bar.from + active.bar.to) / 2)
    else if (key === '-') zoomTo(zoom / 2, active && (active.bar.from + active.bar.to) / 2)
    else if (key === '0') zoomTo(1)
    else if (key === 'Enter' || key === ' ') hub.select(active?.bar.entry)
    else if (key === 'Escape') {
      hideTip()
      hub.select(undefined)
    } else if (/^(Arrow|Home$|End$)/.test(key)) activate(walk.step(active, key), true)
    else return
    event.preventDefault()
    if (key === '+' || key === '=' || key === '-' || key === '0') activate(active, true)
  }

  function barAt(target: EventTarget | null): Place | undefined {
    const element = (target as Element | null)?.closest<HTMLElement>('.bar')
    const row = Number(element?.parentElement?.getAttribute('aria-rowindex')) - 1
    const bar = element ? rows[row]?.bars[Number(element.dataset['bar'])] : undefined
    return bar === undefined ? undefined : { row, bar }
  }

  function showTip(element: Element, bar: Bar | undefined): void {
    painter.fillTip(tip, bar, element.getAttribute('aria-label') ?? '')
    tip.hidden = false
    const box = element.getBoundingClientRect()
    const own = tip.getBoundingClientRect()
    const left = Math.max(8, Math.min(Math.max(box.left, 8), innerWidth - own.width - 8))
    const below = box.bottom + 6
    tip.style.left = `${left}px`
    tip.style.top = `${below + own.height > innerHeight - 8 ? Math.max(8, box.top - own.height - 6) : below}px`
  }

  function hideTip(): void {
    tip.hidden = true
  }

  scroller.addEventListener('scroll', () => later(draw), { passive: true })
  scroller.addEventListener('keydown', onKey)
  body.addEventListener('pointerover', (event) => {
    const element = (event.target as Element).closest('.bar')
    if (element === null) hideTip()
    else showTip(element, barAt(element)?.bar)
  })
  body.addEventListener('pointerleave', hideTip)
  body.addEventListener('focusin', (event) => {
    const place = barAt(event.target)
    if (place !== undefined) showTip(event.target as Element, place.bar)
  })
  body.addEventListener('focusout', hideTip)
  body.addEventListener('click', (event) => {
    const element = (event.target as Element).closest<HTMLElement>('.bar')
    const place = barAt(element)
    if (place === undefined || element === null) return
    if (element.classList.contains('cluster')) zoomTo(zoom * 4, place.bar.from)
    else {
      activate(place, true)
      hub.select(place.bar.entry)
    }
  })
  dom.byId('zoom-in').addEventListener('click', () => zoomTo(zoom * 2))
  dom.byId('zoom-out').addEventListener('click', () => zoomTo(zoom / 2))
  dom.byId('zoom-fit').addEventListener('click', () => zoomTo(1))
  dom
    .byId('show-chain')
    .addEventListener('change', (event) =>
      scroller.classList.toggle('with-chain', (event.target as HTMLInputElement).checked),
    )
  new ResizeObserver(() => {
    // It calls once to begin with.
    if (scroller.clientWidth !== measured.width || scroller.clientHeight !== measured.height) later(layOut)
  }).observe(scroller)
  addEventListener('beforeprint', () => {
    printing = true
    zoom = 1
    layOut()
  })
  addEventListener('afterprint', () => {
    printing = false
    layOut()
  })
  hub.onSelect((entry, scroll) => {
    const place = entry === undefined ? undefined : walk.placeOf(entry)
    if (place !== undefined && active?.bar.entry !== entry) activate(place, false)
    redraw()
    if (scroll && place !== undefined) scroller.scrollIntoView({ block: 'nearest' })
  })

  layOut()
}
