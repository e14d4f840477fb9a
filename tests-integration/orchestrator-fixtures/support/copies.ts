import { vi } from 'vitest'

export type Orchestrator = typeof import('@vitest-lanes/orchestrator')

/** The application keeps one queue and one pool a process: each test that runs beside others imports a copy of it. */
export function createCopies(): () => Promise<Orchestrator> {
  let imported: Promise<unknown> = Promise.resolve()
  return () => {
    // One after the other: an import that begins meanwhile would share modules with this one.
    const copy = imported.then(() => {
      vi.resetModules()
      return import('@vitest-lanes/orchestrator')
    })
    imported = copy.catch(() => undefined)
    return copy
  }
}

/** Sets variables while a function runs that awaits nothing, so that no other test sees them. */
export function withVariables<T>(variables: Readonly<Record<string, string>>, work: () => T): T {
  const before = { ...process.env }
  try {
    Object.assign(process.env, variables)
    return work()
  } finally {
    for (const name of Object.keys(variables)) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
  }
}
