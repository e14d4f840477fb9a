import type { InstanceRequest, OpenInstance, Provider, RunContext, Started } from '../provider.ts'
import type { ConformanceOptions } from './options.ts'

/** How many instances are opened side by side, unless the author says otherwise. */
export const INSTANCES = 3
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** One provider from its start to its end, used as the plugin uses it. */
export interface Run {
  readonly provider: Provider
  readonly started: Started
  /** What it told the user. */
  readonly lines: readonly string[]
  /** Numbers that can be open at once. */
  readonly numbers: readonly number[]
  readonly open: (number: number, mode?: InstanceRequest['mode']) => Promise<OpenInstance>
  /** Makes an instance clean: resets it, or puts another in its place. */
  readonly clean: (instance: OpenInstance) => Promise<OpenInstance>
  readonly dispose: (instance: OpenInstance) => Promise<void>
  /** Disposes of what is open, then stops. Once: later calls do nothing. */
  readonly end: () => Promise<void>
}

/** Starts a provider, hands it over, and ends it however that went. */
export async function withRun<T>(options: ConformanceOptions, use: (run: Run) => Promise<T>): Promise<T> {
  const run = await startRun(options.create(), options)
  let result: T
  try {
    result = await use(run)
  } catch (error) {
    // What went wrong first is what is told.
    await run.end().catch(() => undefined)
    throw error
  }
  await run.end()
  return result
}

async function startRun(provider: Provider, options: ConformanceOptions): Promise<Run> {
  const wanted = options.instances ?? INSTANCES
  const lines: string[] = []
  const started =
    (await provider.start?.(runContext(provider.name, wanted, options.root, (line) => lines.push(line)))) ??
    {}
  const opened = new Map<OpenInstance, InstanceRequest>()
  let ended: Promise<void> | undefined

  async function open(number: number, mode: InstanceRequest['mode'] = 'exclusive'): Promise<OpenInstance> {
    const instance = await provider.open({ number, mode })
    opened.set(instance, { number, mode })
    return instance
  }
  async function dispose(instance: OpenInstance): Promise<void> {
    opened.delete(instance)
    await instance.dispose()
  }
  return {
    provider,
    started,
    lines,
    numbers: upTo(Math.min(wanted, started.instances ?? wanted)),
    open,
    dispose,
    async clean(instance) {
      if (instance.reset !== undefined) {
        await instance.reset()
        return instance
      }
      const { number, mode } = opened.get(instance) ?? { number: 1, mode: 'exclusive' }
      await dispose(instance)
      return open(number, mode)
    },
    end() {
      ended ??= Promise.all([...opened.keys()].map(dispose)).then(() => provider.stop?.())
      return ended
    },
  }
}

/** What the plugin would tell a provider. */
export function runContext(
  resource: string,
  instances: number,
  root = '/',
  log: (line: string) => void = () => undefined,
): RunContext {
  return { resource, runId: newRunId(), root, lanes: instances, instances, log }
}

/** Random, since several processes may try their providers on one server at the same time. */
function newRunId(): string {
  return upTo(10)
    .map(() => LETTERS[Math.floor(Math.random() * LETTERS.length)])
    .join('')
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}
