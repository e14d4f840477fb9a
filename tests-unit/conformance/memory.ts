import type { OpenInstance, Provider } from '@vitest-lanes/core'
import type { ConformanceOptions, Env } from '@vitest-lanes/core/conformance'

interface Store {
  readonly marks: Set<string>
  readonly die: (how: string) => void
}

/** How a provider may be wrong. */
export interface Faults {
  readonly sharedStore?: boolean
  readonly resetDoesNothing?: boolean
  readonly resetClearsAll?: boolean
  readonly disposeLeavesStore?: boolean
  readonly disposeCallsLost?: boolean
  readonly emptyVariable?: boolean
  readonly noLost?: boolean
  readonly startsWhenMade?: boolean
  readonly stopFailsAfterFailedStart?: boolean
  readonly moreInstances?: boolean
}

/** A provider of stores in this process's memory, and what its conformance needs. */
export function memory({ reset = true, faults = {} }: { reset?: boolean; faults?: Faults } = {}) {
  const stores = new Map<string, Store>()
  let number = 0

  function storeOf(env: Env): Store {
    const store = stores.get(env['STORE'] ?? '')
    if (store === undefined) throw new Error('There is no such store.')
    return store
  }

  function create(): Provider {
    if (faults.startsWhenMade) void makeStore(`early:${++number}`)
    return {
      name: 'memory',
      start: async ({ instances }) => ({
        source: 'memory',
        ...(faults.moreInstances && { instances: instances + 1 }),
      }),
      open: async () => open(),
      stop: async () => undefined,
    }
  }

  function open(): OpenInstance {
    const url = faults.sharedStore ? 'store:0' : `store:${++number}`
    const lost = makeStore(url)
    return {
      env: { STORE: url, ...(faults.emptyVariable && { STORE_PASSWORD: '' }) },
      ...(reset && {
        async reset() {
          if (faults.resetDoesNothing) return
          for (const [name, store] of stores) if (faults.resetClearsAll || name === url) store.marks.clear()
        },
      }),
      async dispose() {
        if (faults.disposeCallsLost) stores.get(url)?.die('gone')
        if (!faults.disposeLeavesStore) stores.delete(url)
      },
      ...(!faults.noLost && { lost }),
    }
  }

  function makeStore(url: string): Promise<string> {
    return new Promise((die) => stores.set(url, stores.get(url) ?? { marks: new Set(), die }))
  }

  return {
    create,
    mark: async (env, name) => void storeOf(env).marks.add(name),
    marks: async (env) => [...storeOf(env).marks],
    async kill(env) {
      const { die } = storeOf(env)
      stores.delete(env['STORE'] ?? '')
      die('The store was killed.')
    },
    createBroken: () => ({
      name: 'memory',
      start: () => Promise.reject(new Error('There is no memory.')),
      open: async () => open(),
      stop: async () => {
        if (faults.stopFailsAfterFailedStart) throw new Error('It was never started.')
      },
    }),
    left: async () => [...stores.keys()],
  } satisfies ConformanceOptions
}
