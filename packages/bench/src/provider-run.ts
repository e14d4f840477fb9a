import { tmpdir } from 'node:os'
import type { OpenInstance, Provider } from '@vitest-lanes/core'
import { newRunId } from '@vitest-lanes/server'

/** A provider that has started, as the plugin would have it. */
export interface ProviderRun extends AsyncDisposable {
  readonly open: (number: number) => Promise<OpenInstance>
}

/** Starts a provider for so many lanes. Disposing of it stops it. */
export async function startProvider(
  provider: Provider,
  lanes: number,
  root = tmpdir(),
): Promise<ProviderRun> {
  const opened = new Set<OpenInstance>()
  await provider.start?.({
    resource: provider.name,
    runId: newRunId(),
    root,
    lanes,
    instances: lanes,
    log: () => undefined,
  })
  return {
    async open(number) {
      const instance = await provider.open({ number, mode: 'exclusive' })
      opened.add(instance)
      return {
        ...instance,
        dispose() {
          opened.delete(instance)
          return instance.dispose()
        },
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...opened].map((instance) => instance.dispose()))
      await provider.stop?.()
    },
  }
}
