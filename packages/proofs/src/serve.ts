import type { Provider } from '@vitest-lanes/core'
import { newRunId } from '@vitest-lanes/server'
import { HERE } from './lab.ts'

/** A server of the proof's own. Disposing of it stops it. */
export interface Served extends AsyncDisposable {
  /** How to reach it. */
  readonly env: Readonly<Record<string, string>>
}

/** Starts a provider as the plugin would, for one instance. */
export async function serve(provider: Provider): Promise<Served> {
  const run = {
    resource: provider.name,
    runId: newRunId(),
    root: HERE,
    lanes: 8,
    instances: 1,
    log: () => undefined,
  }
  await provider.start?.(run)
  const instance = await provider.open({ number: 1, mode: 'exclusive' })
  return {
    env: instance.env,
    async [Symbol.asyncDispose]() {
      await instance.dispose()
      await provider.stop?.()
    },
  }
}
