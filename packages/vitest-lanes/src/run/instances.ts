import { LanesError } from '@vitest-lanes/core'
import type {
  Finding,
  FootprintPart,
  InspectedFile,
  InstanceRequest,
  Mode,
  OpenInstance,
  Watching,
} from '@vitest-lanes/core'
import type { Resource } from '../options.ts'
import type { InstanceWatch } from './instance-watch.ts'
import { within } from './within.ts'

/** What the instances of a resource need to know about the run. */
export interface InstancesContext {
  readonly runId: string
  readonly root: string
  /** As many as there may be, asked when the provider starts. */
  readonly lanes: () => number
  log(line: string): void
  /** The provider has room for another number of instances than was declared. */
  resized(count: number): void
}

interface Slot {
  mode: Mode
  holders: number
  opened: Promise<OpenInstance>
  /** What `opened` has resolved with. */
  present: OpenInstance | undefined
  lost: string | undefined
  /** Tells what was seen. Never rejects. */
  endWatch?: (() => Promise<void>) | undefined
}

// An instance that does not answer is not worth waiting for: its file has ended.
const INSPECT_PATIENCE = 3_000

/**
 * The instances of one resource: opened when first wanted, cleaned between holders, replaced when that fails.
 * A slot is empty, opening, held, or being cleaned; what is being cleaned or disposed of is awaited by whoever
 * wants the same number next.
 */
export class ResourceInstances {
  readonly #resource: Resource
  readonly #context: InstancesContext
  readonly #slots = new Map<number, Slot>()
  readonly #leaving = new Map<number, Promise<void>>()
  #started: Promise<void> | undefined
  /** Where they come from, once started. */
  source: string | undefined
  /** Has the instances watched that files are given from now on. */
  watch: InstanceWatch | undefined
  /** How many its provider has room for, where that is not what was declared. */
  room: number | undefined

  constructor(resource: Resource, context: InstancesContext) {
    this.#resource = resource
    this.#context = context
  }

  /** How many there may be; fewer than declared where the provider says so. */
  get count(): number {
    return this.room ?? this.#declared
  }

  get #declared(): number {
    const { instances } = this.#resource
    return instances === 'lanes' ? 2 * this.#context.lanes() : instances
  }

  /** Variables of an instance for a file that now holds it. Rejects with a `LanesError` if it cannot be had. */
  async acquire(number: number, mode: Mode): Promise<Record<string, string>> {
    const { name, provider, env } = this.#resource
    const own = { [`VITEST_LANES_${name.toUpperCase().replaceAll('-', '_')}`]: String(number) }
    if (provider === undefined) return { ...own, ...env?.(number) }
    await (this.#started ??= this.#start())
    const slot = await this.#hold({ number, mode })
    const opened = await slot.opened
    if (this.watch !== undefined) await this.#watchSlot(slot, opened, this.watch)
    return { ...own, ...opened.env }
  }

  async #watchSlot(slot: Slot, opened: OpenInstance, watch: InstanceWatch): Promise<void> {
    const resource = this.#resource.name
    const unseen = (error: unknown): FootprintPart => ({
      uses: [],
      unseen: [`\`${resource}\`: it could not be watched (${reason(error)}).`],
    })
    const refused = (error: unknown): Watching => ({ stop: async () => unseen(error) })
    const watching = await opened.watch?.().catch(refused)
    slot.endWatch = async () => {
      const part = await watching?.stop().catch(unseen)
      watch.seen({ resource, env: opened.env, part })
    }
  }

  /** Whether it can be told what its holder leaves there. */
  inspectable(number: number): boolean {
    const slot = this.#slots.get(number)
    return slot?.mode === 'exclusive' && slot.present?.inspect !== undefined
  }

  /** What its holder has left, while its process still lives. Never rejects. */
  async inspect(number: number, file: InspectedFile): Promise<readonly Finding[]> {
    const slot = this.#slots.get(number)
    if (slot === undefined || slot.lost !== undefined || !this.inspectable(number)) return []
    const looking = slot.present!.inspect!(file).catch(() => [])
    return (await within(looking, INSPECT_PATIENCE)) ? looking : []
  }

  /** Variables of every instance that is open. */
  *environments(): Generator<Readonly<Record<string, string>>> {
    for (const { present } of this.#slots.values()) if (present !== undefined) yield present.env
  }

  /** The process that held it has exited. Resolves when the instance is clean again, or gone. */
  async release(number: number): Promise<void> {
    const slot = this.#slots.get(number)
    if (slot === undefined || --slot.holders > 0) return
    await slot.endWatch?.()
    slot.endWatch = undefined
    await this.#leave(number, this.#clean(number, slot))
  }

  /** What happened to an instance that died by itself, if it did. */
  lost(number: number): string | undefined {
    return this.#slots.get(number)?.lost
  }

  /**
   * Disposes of every instance, then of what the provider started. Never rejects: what failed is told.
   * @param patience how long to wait for each of the two, in ms; what takes longer is left to itself
   */
  async stop(patience: number): Promise<void> {
    const { provider } = this.#resource
    if (this.#started === undefined) return
    if (!(await within(this.#empty(), patience))) this.#tell('instances are still being opened or taken away')
    const stopped = provider?.stop?.().catch((error: unknown) => this.#tell('could not be stopped', error))
    if (!(await within(Promise.resolve(stopped), patience))) this.#tell('is still being stopped')
    this.#started = undefined
    this.room = undefined
  }

  async #empty(): Promise<void> {
    await this.#started?.catch(() => {})
    await Promise.all(this.#leaving.values())
    await Promise.all([...this.#slots].map(([number, slot]) => this.#dispose(number, slot)))
  }

  async #start(): Promise<void> {
    const { name, provider } = this.#resource
    const { runId, root } = this.#context
    const instances = this.#declared
    try {
      const started = await provider?.start?.({
        resource: name,
        runId,
        root,
        lanes: this.#context.lanes(),
        instances,
        log: (line) => this.#context.log(line),
      })
      this.source = started?.source
      if (started?.instances === undefined || started.instances === instances) return
      this.room = started.instances
      this.#context.resized(started.instances)
    } catch (cause) {
      throw asLanesError(cause, 'LANES_PROVIDER_START', `The resource \`${name}\` could not be started`)
    }
  }

  async #hold(request: InstanceRequest): Promise<Slot> {
    const { number, mode } = request
    for (;;) {
      await this.#leaving.get(number)
      const present = this.#slots.get(number)
      if (present === undefined) return this.#fill(request)
      if (present.mode === mode) {
        present.holders++
        return present
      }
      void this.#leave(number, this.#dispose(number, present))
    }
  }

  #fill(request: InstanceRequest): Slot {
    const slot: Slot = {
      mode: request.mode,
      holders: 1,
      lost: undefined,
      opened: this.#open(request),
      present: undefined,
    }
    this.#slots.set(request.number, slot)
    void slot.opened.then(
      (opened) => {
        slot.present = opened
        return opened.lost?.catch(reason).then((how) => (slot.lost = how))
      },
      // The next file that gets this number tries again.
      () => this.#slots.delete(request.number),
    )
    return slot
  }

  #leave(number: number, leaving: Promise<void>): Promise<void> {
    const left = leaving.finally(() => {
      if (this.#leaving.get(number) === left) this.#leaving.delete(number)
    })
    this.#leaving.set(number, left)
    return left
  }

  async #open(request: InstanceRequest): Promise<OpenInstance> {
    const { name, provider } = this.#resource
    try {
      return await provider!.open(request)
    } catch (cause) {
      throw asLanesError(
        cause,
        'LANES_PROVIDER_OPEN',
        `Instance ${request.number} of \`${name}\` could not be opened`,
      )
    }
  }

  async #clean(number: number, slot: Slot): Promise<void> {
    const opened = await slot.opened.catch(() => undefined)
    if (opened === undefined) return
    if (opened.reset !== undefined && slot.lost === undefined) {
      try {
        return await opened.reset()
      } catch (error) {
        this.#tell(`instance ${number} could not be cleaned and is replaced`, error)
      }
    }
    await this.#dispose(number, slot)
  }

  async #dispose(number: number, slot: Slot): Promise<void> {
    this.#slots.delete(number)
    const opened = await slot.opened.catch(() => undefined)
    await opened
      ?.dispose()
      .catch((error: unknown) => this.#tell(`instance ${number} could not be taken away`, error))
  }

  #tell(what: string, error?: unknown): void {
    this.#context.log(`${this.#resource.name}: ${what}${error === undefined ? '' : `: ${reason(error)}`}`)
  }
}

function asLanesError(
  cause: unknown,
  code: 'LANES_PROVIDER_START' | 'LANES_PROVIDER_OPEN',
  what: string,
): LanesError {
  if (cause instanceof LanesError) return cause
  return new LanesError(code, `${what}: ${reason(cause)}`, { cause })
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
