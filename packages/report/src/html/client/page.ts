import type { createBarPainter } from './bars.ts'
import type { createDetails } from './details.ts'
import type { createDom } from './dom.ts'
import type { createGrid } from './grid.ts'
import type { createHub } from './hub.ts'
import type { createModel } from './model.ts'
import type { createTables } from './tables.ts'
import type { createTimeline } from './timeline.ts'
import type { PageData } from './types.ts'
import type { createWalk } from './walk.ts'

/** The parts of the page. They come as parameters, since the source text of each is put into the page by itself. */
export interface Parts {
  readonly createBarPainter: typeof createBarPainter
  readonly createDetails: typeof createDetails
  readonly createDom: typeof createDom
  readonly createGrid: typeof createGrid
  readonly createHub: typeof createHub
  readonly createModel: typeof createModel
  readonly createTables: typeof createTables
  readonly createTimeline: typeof createTimeline
  readonly createWalk: typeof createWalk
}

export function startPage(parts: Parts): void {
  const rowHeight = 26
  const dom = parts.createDom()
  const data = JSON.parse(dom.byId('data').textContent) as PageData
  const model = parts.createModel(data, dom, rowHeight)
  const hub = parts.createHub(model)
  const details = parts.createDetails(model, dom, 6)
  const painter = parts.createBarPainter(dom, details)
  const panel = dom.byId('details')

  hub.onSelect((entry, scroll) => {
    const body = dom.byId('details-content')
    panel.hidden = entry === undefined
    if (entry === undefined) return
    dom.byId('details-title').textContent = entry.label
    body.replaceChildren(details.render(entry), dom.make('a', 'pick', 'open the file', { href: entry.href }))
    if (scroll) panel.scrollIntoView({ block: 'nearest' })
  })
  dom.byId('details-close').addEventListener('click', () => hub.select(undefined))
  dom.byId('theme').addEventListener('click', () => {
    const root = document.documentElement
    const isDark = root.dataset['theme']
      ? root.dataset['theme'] === 'dark'
      : matchMedia('(prefers-color-scheme: dark)').matches
    root.dataset['theme'] = isDark ? 'light' : 'dark'
  })
  for (const link of document.querySelectorAll<HTMLElement>('[data-file]'))
    link.addEventListener('click', (event) => {
      event.preventDefault()
      hub.select(model.entries[Number(link.dataset['file'])], { scroll: true })
    })

  const asked = hub.get('file')
  // The tables first: they ask for their sizes, for which all that is in the page is laid out.
  parts.createTables(model, hub, dom, parts.createGrid)
  parts.createTimeline(model, hub, dom, painter, parts.createWalk(model.rows))
  const entry = model.entries.find(({ key }) => key === asked)
  if (entry !== undefined) hub.select(entry, { scroll: true })
  document.documentElement.dataset['ready'] = ''
  performance.mark('drawn')
}
