/* oxlint-disable unicorn/consistent-function-scoping -- its source text is put into the page: nothing outside of it exists there */
import type { Dom } from './dom.ts'
import type { Grid, GridOptions } from './grid.ts'
import type { Entry, Hub, Model, PageFinding, PageResource } from './types.ts'

type MakeGrid = <Item>(options: GridOptions<Item>, hub: Hub, dom: Dom) => Grid<Item>

/** Files, resources and findings. */
export function createTables({ data, entries }: Model, hub: Hub, dom: Dom, createGrid: MakeGrid): void {
  const took = ({ ready, admitted, finished }: Entry): number =>
    finished < 0 ? 0 : Math.max(0, finished - (ready < 0 ? admitted : ready))
  const waited = ({ queued, admitted }: Entry): number => (admitted < 0 ? 0 : Math.max(0, admitted - queued))
  const orBlank = (ms: number): string => (ms < 1 ? '' : dom.duration(ms))

  function link({ href, key }: Entry): HTMLElement {
    return dom.make('a', 'source', '↗', { href, 'aria-label': `open ${key}` })
  }

  function fileCell(cell: HTMLElement, entry: Entry): void {
    const deepLink = dom.make('a', 'pick', entry.label, { href: `#file=${encodeURIComponent(entry.key)}` })
    deepLink.addEventListener('click', (event) => {
      event.preventDefault()
      event.stopPropagation()
      hub.select(entry)
    })
    cell.classList.add('file')
    cell.append(deepLink, link(entry))
  }

  function filesTable(): void {
    const files = createGrid<Entry>(
      {
        id: 'files',
        caption: 'Files',
        items: entries,
        sort: '-took',
        empty: 'No file matches.',
        onRow: (entry) => hub.select(entry),
        isSelected: (entry) => entry === hub.selected,
        columns: [
          { id: 'file', title: 'file', text: ({ key }) => key, fill: fileCell },
          {
            id: 'outcome',
            title: 'outcome',
            text: ({ outcome }) => outcome,
            fill: (cell, { outcome }) => cell.append(dom.make('span', `outcome ${outcome}`, outcome)),
          },
          { id: 'took', title: 'took', align: 'right', text: (entry) => orBlank(took(entry)), order: took },
          {
            id: 'waited',
            title: 'waited',
            align: 'right',
            text: (entry) => orBlank(waited(entry)),
            order: waited,
          },
          { id: 'cause', title: 'waited for', minor: true, text: ({ cause }) => cause },
          {
            id: 'lane',
            title: 'lane',
            align: 'right',
            minor: true,
            text: ({ lane }) => (lane > 0 ? String(lane) : ''),
            order: ({ lane }) => lane,
          },
          { id: 'claims', title: 'claims', minor: true, text: ({ claims }) => claims },
          {
            id: 'start',
            title: 'began',
            align: 'right',
            minor: true,
            text: ({ admitted }) => (admitted < 0 ? '' : dom.clock(admitted)),
            order: ({ admitted }) => admitted,
          },
        ],
      },
      hub,
      dom,
    )
    const search = dom.byId('search') as HTMLInputElement
    const outcome = dom.byId('outcome') as HTMLSelectElement
    const resource = dom.byId('resource') as HTMLSelectElement
    search.value = hub.get('q')
    for (const each of data.outcomes) outcome.append(new Option(each, each))
    for (const { name } of data.resources) resource.append(new Option(name, name))
    outcome.value = hub.get('outcome')
    resource.value = hub.get('resource')

    function apply(): void {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
      const id = data.resources.findIndex(({ name }) => name === resource.value)
      const count = files.filter((entry) => {
        const text = entry.key.toLowerCase()
        return (
          words.every((word) => text.includes(word)) &&
          (outcome.value === '' || entry.outcome === outcome.value) &&
          (id === -1 ||
            entry.instances.some((held) => held.resource === id) ||
            entry.claims.split(', ').some((claim) => claim.split('/')[0] === resource.value))
        )
      })
      dom.byId('matches').textContent = `${count} of ${dom.plural(entries.length, 'file')}`
      hub.set('q', search.value)
      hub.set('outcome', outcome.value)
      hub.set('resource', resource.value)
    }
    for (const control of [search, outcome, resource]) control.addEventListener('input', apply)
    apply()
    hub.onSelect((entry, scroll) => {
      if (entry !== undefined && scroll) files.reveal(entry)
      files.refresh()
    })
  }

  function resourcesTable(): void {
    createGrid<PageResource>(
      {
        id: 'resources',
        caption: 'Resources by contention',
        items: data.resources.filter(({ files }) => files > 0),
        sort: '-waited',
        empty: 'No file claims a resource.',
        columns: [
          { id: 'name', title: 'resource', text: ({ name }) => name },
          {
            id: 'waited',
            title: 'waited for',
            align: 'right',
            text: ({ waitingMs, waitingFiles }) =>
              waitingFiles === 0 ? '' : `${dom.duration(waitingMs)} by ${dom.plural(waitingFiles, 'file')}`,
            order: ({ waitingMs }) => waitingMs,
          },
          {
            id: 'busy',
            title: 'held',
            align: 'right',
            text: ({ busy }) => `${Math.round(100 * busy)} %`,
            order: ({ busy }) => busy,
          },
          {
            id: 'instances',
            title: 'instances',
            align: 'right',
            text: ({ used, instances, perLane }) => (perLane ? `${used} used` : `${used} of ${instances}`),
            order: ({ instances }) => instances,
          },
          {
            id: 'files',
            title: 'files',
            align: 'right',
            text: ({ files }) => String(files),
            order: ({ files }) => files,
          },
          { id: 'source', title: 'from', minor: true, text: ({ source }) => source },
        ],
      },
      hub,
      dom,
    )
  }

  function findingsTable(): void {
    createGrid<PageFinding>(
      {
        id: 'findings',
        caption: 'Findings',
        items: data.findings,
        sort: 'kind',
        empty: 'No findings.',
        columns: [
          { id: 'message', title: 'finding', text: ({ message }) => message },
          { id: 'kind', title: 'kind', minor: true, text: ({ kind }) => kind },
          { id: 'resource', title: 'resource', minor: true, text: ({ resource }) => resource },
          {
            id: 'file',
            title: 'file',
            text: ({ file }) => entries[file]?.key ?? '',
            fill: (cell, { file }) => {
              const entry = entries[file]
              if (entry !== undefined) fileCell(cell, entry)
            },
          },
        ],
      },
      hub,
      dom,
    )
  }

  filesTable()
  resourcesTable()
  findingsTable()
}
