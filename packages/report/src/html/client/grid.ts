/* oxlint-disable unicorn/consistent-function-scoping -- its source text is put into the page: nothing outside of it exists there */
import type { Dom } from './dom.ts'
import type { Hub } from './types.ts'

/** A column of a table. */
export interface GridColumn<Item> {
  readonly id: string
  readonly title: string
  readonly align?: 'right'
  /** Left out on narrow screens. */
  readonly minor?: true
  readonly text: (item: Item) => string
  /** What it is sorted by; its text where left out. */
  readonly order?: (item: Item) => number
  /** Fills the cell itself instead of `text`. */
  readonly fill?: (cell: HTMLElement, item: Item) => void
}

export interface GridOptions<Item> {
  /** The id of the element that the table goes into, and its part of the address. */
  readonly id: string
  readonly caption: string
  readonly columns: readonly GridColumn<Item>[]
  readonly items: readonly Item[]
  /** `column` or `-column`: descending. */
  readonly sort: string
  readonly empty: string
  onRow?(item: Item): void
  isSelected?(item: Item): boolean
}

export interface Grid<Item> {
  filter(keep: (item: Item) => boolean): number
  refresh(): void
  reveal(item: Item): void
}

/** A table that can be sorted, with only those rows in the page that can be seen. */
export function createGrid<Item>(options: GridOptions<Item>, hub: Hub, dom: Dom): Grid<Item> {
  const { columns, items } = options
  const rowHeight = 30
  const spare = 10
  const place = dom.byId(options.id)
  const scroller = dom.make('div', 'table-scroll', '', {
    tabindex: '0',
    role: 'region',
    'aria-label': options.caption,
  })
  const table = dom.make('table', '', '', { 'aria-rowcount': String(items.length + 1) })
  const body = dom.make('tbody')
  const headers = new Map<string, HTMLElement>()
  let sort = hub.get(`${options.id}-sort`) || options.sort
  let keep: (item: Item) => boolean = () => true
  let shown: readonly Item[] = []
  let printing = false
  let first = -1
  let frame = 0

  function head(): HTMLElement {
    const row = dom.make('tr')
    for (const { id, title, align, minor } of columns) {
      const cell = dom.make('th', `${align ?? ''}${minor ? ' minor' : ''}`.trim(), '', { scope: 'col' })
      const button = dom.make('button', '', title, { type: 'button' })
      button.addEventListener('click', () =>
        sortBy(sort === `-${id}` ? id : sort === id ? `-${id}` : start(id)),
      )
      cell.append(button)
      headers.set(id, cell)
      row.append(cell)
    }
    const element = dom.make('thead')
    element.append(row)
    return element
  }

  /** Numbers begin with the greatest. */
  function start(id: string): string {
    return columns.find((column) => column.id === id)?.order === undefined ? id : `-${id}`
  }

  function sortBy(next: string): void {
    sort = next
    hub.set(`${options.id}-sort`, next === options.sort ? '' : next)
    arrange()
  }

  function arrange(): void {
    const descending = sort.startsWith('-')
    const id = descending ? sort.slice(1) : sort
    const column = columns.find((each) => each.id === id) ?? columns[0]
    if (column === undefined) return
    const { order, text } = column
    const compare = order
      ? (a: Item, b: Item) => order(a) - order(b)
      : (a: Item, b: Item) => text(a).localeCompare(text(b), 'en', { numeric: true })
    const sign = descending ? -1 : 1
    shown = items.filter(keep).sort((a, b) => sign * compare(a, b))
    for (const [name, cell] of headers) {
      if (name === column.id) cell.setAttribute('aria-sort', descending ? 'descending' : 'ascending')
      else cell.removeAttribute('aria-sort')
    }
    table.setAttribute('aria-rowcount', String(shown.length + 1))
    first = -1
    draw()
  }

  function draw(): void {
    const from = printing ? 0 : Math.max(0, Math.floor(scroller.scrollTop / rowHeight) - spare)
    if (from === first) return
    const seen = Math.ceil(Math.max(scroller.clientHeight, 300) / rowHeight) + 2 * spare
    const to = printing ? shown.length : Math.min(shown.length, from + seen)
    first = from
    const rows = shown.slice(from, to).map((item, index) => drawRow(item, from + index))
    body.replaceChildren(
      ...(from > 0 ? [gap(from)] : []),
      ...rows,
      ...(to < shown.length ? [gap(shown.length - to)] : []),
      ...(shown.length === 0 ? [nothing()] : []),
    )
  }

  function gap(count: number): HTMLElement {
    const row = dom.make('tr', 'gap', '', { 'aria-hidden': 'true' })
    const cell = dom.make('td', '', '', { colspan: String(columns.length) })
    cell.style.height = `${count * rowHeight}px`
    row.append(cell)
    return row
  }

  function nothing(): HTMLElement {
    const row = dom.make('tr')
    row.append(dom.make('td', 'empty', options.empty, { colspan: String(columns.length) }))
    return row
  }

  function drawRow(item: Item, index: number): HTMLElement {
    const row = dom.make('tr', options.isSelected?.(item) ? 'selected' : '', '', {
      'aria-rowindex': String(index + 2),
    })
    for (const { align, minor, text, fill } of columns) {
      const cell = dom.make('td', `${align ?? ''}${minor ? ' minor' : ''}`.trim())
      if (fill) fill(cell, item)
      else cell.textContent = text(item)
      row.append(cell)
    }
    if (options.onRow !== undefined) row.addEventListener('click', () => options.onRow?.(item))
    return row
  }

  table.append(dom.make('caption', 'hidden', options.caption), head(), body)
  scroller.append(table)
  place.append(scroller)
  const again = (): void => {
    first = -1
    draw()
  }
  scroller.addEventListener(
    'scroll',
    () => {
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(draw)
    },
    { passive: true },
  )
  addEventListener('beforeprint', () => {
    printing = true
    again()
  })
  addEventListener('afterprint', () => {
    printing = false
    again()
  })
  arrange()

  return {
    filter(next) {
      keep = next
      scroller.scrollTop = 0
      arrange()
      return shown.length
    },
    refresh: again,
    reveal(item) {
      const index = shown.indexOf(item)
      if (index === -1) return
      scroller.scrollTop = Math.max(0, index * rowHeight - scroller.clientHeight / 2)
      again()
    },
  }
}
