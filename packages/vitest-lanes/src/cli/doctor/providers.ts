import { randomBytes } from 'node:crypto'
import type { Provider } from '@vitest-lanes/core'
import { duration } from '@vitest-lanes/report'
import type { Preview } from '../../run/preview.ts'
import { fine, problem } from './check.ts'
import type { Check } from './check.ts'

/** Opens one instance of each resource for real, and takes it away again. */
export async function providerChecks(preview: Preview, root: string): Promise<Check[]> {
  const checks: Check[] = []
  for (const { resource, provider } of preview.providers) checks.push(await tryOut(resource, provider, root))
  return checks
}

async function tryOut(resource: string, provider: Provider, root: string): Promise<Check> {
  const begun = performance.now()
  const said: string[] = []
  try {
    const started = await provider.start?.({
      resource,
      runId: BigInt(`0x${randomBytes(8).toString('hex')}`)
        .toString(36)
        .padStart(10, '0')
        .slice(-10),
      root,
      lanes: 1,
      instances: 1,
      log: (line) => said.push(line),
    })
    const instance = await provider.open({ number: 1, mode: 'exclusive' })
    const variables = Object.keys(instance.env)
    await instance.dispose()
    const source = started?.source ?? said[0] ?? provider.name
    return fine(
      resource,
      `${source}; an instance in ${duration(performance.now() - begun)}: ${variables.join(', ')}`,
    )
  } catch (error) {
    const [first = '', ...rest] = (error instanceof Error ? error.message : String(error)).split('\n')
    const hint = rest.find((line) => line.includes('→'))
    const lines = rest.filter((line) => line !== hint && !/^\s*\[LANES_\w+\]$|^\s*$/.test(line))
    return problem(
      resource,
      [first, ...lines].join('\n'),
      hint?.replace('→', '').trim() ?? 'Mend it: the files that claim it would fail.',
    )
  } finally {
    await provider.stop?.()
  }
}
