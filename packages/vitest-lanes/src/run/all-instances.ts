import type { Resource } from '../options.ts'
import { ResourceInstances } from './instances.ts'
import type { InstanceWatch } from './instance-watch.ts'
import type { Scheduler } from './scheduler.ts'

export interface AllInstancesContext {
  readonly runId: string
  readonly root: string
  log(line: string): void
  /** The provider of a resource has room for another number of instances than was declared. */
  resized(resource: string, count: number): void
}

/** The instances of all resources, kept from run to run of one Vitest. */
export class AllInstances {
  readonly byResource: ReadonlyMap<string, ResourceInstances>
  /** For how many lanes. */
  #room: number

  constructor(resources: Iterable<Resource>, lanes: number, context: AllInstancesContext) {
    this.#room = lanes
    this.byResource = new Map(
      Array.from(resources, (resource) => [
        resource.name,
        new ResourceInstances(resource, {
          ...context,
          lanes: () => this.#room,
          log: (line) => context.log(line),
          resized: (count) => context.resized(resource.name, count),
        }),
      ]),
    )
  }

  /**
   * Between two runs: servers that are too few for so many lanes are stopped, and start anew when they are wanted.
   * @param patience as for `stop`
   */
  async makeRoom(lanes: number, patience: number): Promise<void> {
    if (lanes <= this.#room) return
    await this.stop(patience)
    this.#room = lanes
  }

  /** A run begins. */
  begin(scheduler: Scheduler, watch: InstanceWatch | undefined): void {
    for (const [name, instances] of this.byResource) {
      instances.watch = watch
      // What a provider that was started for an earlier run has room for.
      if (instances.room !== undefined) scheduler.resize(name, instances.room)
    }
  }

  /** @param patience how long to wait for instances, then for what the provider started, in ms */
  async stop(patience: number): Promise<void> {
    await Promise.all([...this.byResource.values()].map((instances) => instances.stop(patience)))
  }
}
