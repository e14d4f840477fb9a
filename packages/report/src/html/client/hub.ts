import type { Entry, Hub, Model } from './types.ts'

/** Keeps which file is selected, and writes it and the tables' settings into the address. */
export function createHub(model: Model): Hub {
  const listeners: ((entry: Entry | undefined, scroll: boolean) => void)[] = []
  const address = new URLSearchParams(location.hash.slice(1))
  let selected: Entry | undefined

  function set(name: string, value: string): void {
    if (value === '') address.delete(name)
    else address.set(name, value)
    const text = address.toString()
    history.replaceState(undefined, '', text === '' ? location.pathname + location.search : `#${text}`)
  }

  const hub: Hub = {
    get selected() {
      return selected
    },
    select(entry, { scroll = false } = {}) {
      selected = entry
      set('file', entry?.key ?? '')
      for (const listener of listeners) listener(entry, scroll)
    },
    onSelect(listener) {
      listeners.push(listener)
    },
    get: (name) => address.get(name) ?? '',
    set,
  }
  addEventListener('hashchange', () => {
    const key = new URLSearchParams(location.hash.slice(1)).get('file') ?? ''
    const entry = model.entries.find((each) => each.key === key)
    if (entry !== selected) hub.select(entry, { scroll: true })
  })
  return hub
}
