import type { Claim } from '../claim.ts'
import { NO_LOAD, add, loadOf, type Load, type Machine } from './load.ts'
import type { ShardedFile } from './assign.ts'

/** Files that stay together. */
export interface Unit<T extends ShardedFile> {
  /** The first of its files'. */
  readonly id: string
  readonly files: readonly T[]
  readonly load: Load
}

/**
 * Files that claim the same global resource are one unit, and so are those that are bound by another one in turn.
 * In order of id.
 */
export function unitsOf<T extends ShardedFile>(
  files: readonly T[],
  isGlobal: (resource: string) => boolean,
  machine: Machine,
): Unit<T>[] {
  const sorted = [...files].sort((a, b) => (a.id < b.id ? -1 : 1))
  const groups = new Groups()
  const heads = sorted.map(({ id, claims }) => {
    const shared = claims.filter(({ resource }) => isGlobal(resource)).map(nameOf)
    for (const resource of shared.slice(1)) groups.join(shared[0] ?? '', resource)
    return shared[0] ?? id
  })
  const members = new Map<string, T[]>()
  for (const [index, file] of sorted.entries()) {
    const group = groups.find(heads[index] ?? file.id)
    const known = members.get(group)
    if (known === undefined) members.set(group, [file])
    else known.push(file)
  }
  return [...members.values()].map((list) => ({
    id: list[0]?.id ?? '',
    files: list,
    load: list.reduce((load, file) => add(load, loadOf(file, machine)), NO_LOAD),
  }))
}

// Apart from ids.
function nameOf({ resource }: Claim): string {
  return `\0${resource}`
}

/** Union and find. */
class Groups {
  readonly #parents = new Map<string, string>()

  find(name: string): string {
    let root = name
    for (let parent = this.#parents.get(root); parent !== undefined; parent = this.#parents.get(root))
      root = parent
    return root
  }

  join(a: string, b: string): void {
    const [first, second] = [this.find(a), this.find(b)]
    if (first !== second) this.#parents.set(second, first)
  }
}
