import { LanesError } from '@vitest-lanes/core'
import type { Claim, Instances } from '@vitest-lanes/core'
import type { TestProject, TestSpecification } from 'vitest/node'
import { projectMaxWorkers } from '../lanes.ts'
import type { ResolvedOptions, Scope } from '../options.ts'
import { POOL_NAME } from '../pool/stand-in.ts'
import { isRealPool } from '../vitest/real-pools.ts'
import { fromRoot } from './path.ts'

/** The projects whose files run in lanes, and what these files claim. */
export class Projects {
  readonly #options: ResolvedOptions
  readonly #root: string
  readonly #rootCap: number | undefined
  readonly #all = new Set<TestProject>()
  /** Have the plugin, and files that it cannot reach. */
  readonly #beyond = new Set<TestProject>()
  /** A project that has a `maxWorkers` of its own: a resource that each of its files claims. */
  readonly #caps = new Map<TestProject, { resource: string; instances: number }>()

  /** @param rootCap what the user has set the root's `maxWorkers` to */
  constructor(options: ResolvedOptions, root: string, rootCap: number | undefined) {
    this.#options = options
    this.#root = root
    this.#rootCap = rootCap
  }

  get all(): ReadonlySet<TestProject> {
    return this.#all
  }

  add(project: TestProject): void {
    this.#all.add(project)
    const cap = projectMaxWorkers(project)
    if (cap !== undefined && cap !== this.#rootCap)
      this.#caps.set(project, { resource: `project ${project.name}`, instances: cap })
  }

  /** It runs in a browser, or in a pool of somebody else's. */
  addBeyond(project: TestProject): void {
    this.#beyond.add(project)
  }

  /** Throws a `LanesError` for a file that claims what it cannot be given: it would run without, beside those that hold it. */
  expectReachable(specs: readonly TestSpecification[]): void {
    for (const { project, pool, moduleId } of specs) {
      // A file of types runs nothing.
      if (!this.#beyond.has(project) || pool === 'typescript') continue
      const file = fromRoot(this.#root, moduleId)
      const [claim] = this.#options.claims.of(file, [], new Set())
      if (claim === undefined) continue
      const where = pool === 'browser' ? 'a browser' : `the pool \`${pool}\``
      throw new LanesError(
        'LANES_CLAIM_BEYOND',
        `\`${file}\` claims \`${claim.resource}\`, but its project \`${project.name}\` runs in ${where}, outside of lanes.`,
        { hint: 'Add a line for it to the end of `files` that claims nothing: `[]`.' },
      )
    }
  }

  /** Those that run in lanes. */
  ours(specs: readonly TestSpecification[]): readonly TestSpecification[] {
    return specs.filter(({ project, pool }) => this.#all.has(project) && pool === POOL_NAME)
  }

  /** How many files would run in lanes if their project had the plugin, by project. */
  outside(specs: readonly TestSpecification[]): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const { project, pool } of specs)
      if (!this.#all.has(project) && isRealPool(pool))
        counts.set(project.name, (counts.get(project.name) ?? 0) + 1)
    return counts
  }

  /** Everything that a file can claim, beside what is built in. */
  declared(): Record<string, { instances: Instances; scope?: Scope }> {
    const resources: Record<string, { instances: Instances; scope?: Scope }> = {}
    for (const [name, { instances, scope }] of this.#options.resources)
      resources[name] = { instances, ...(scope === undefined ? {} : { scope }) }
    for (const { resource, instances } of this.#caps.values()) resources[resource] = { instances }
    return resources
  }

  /**
   * What a file claims.
   * @param path absolute
   * @param tags its `@module-tag`s
   */
  claimsOf(project: TestProject, path: string, tags: readonly string[]): readonly Claim[] {
    const known = new Set((project.config.tags ?? []).map(({ name }) => name))
    const claims = this.#options.claims.of(fromRoot(this.#root, path), tags, known)
    const cap = this.#caps.get(project)
    return cap === undefined ? claims : [...claims, { resource: cap.resource, mode: 'exclusive' }]
  }
}
