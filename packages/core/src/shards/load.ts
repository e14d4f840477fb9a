import { capacityOf } from '../admission/resource.ts'
import { ALONE, SEQUENTIAL, type Instances } from '../claim.ts'
import type { ShardedFile } from './assign.ts'

/** What the files that claim a resource need of it, over its instances; in ms. */
export interface Chain {
  readonly exclusive: number
  /** These run beside each other, as many as there are lanes. */
  readonly shared: number
  readonly longestShared: number
}

/** What a machine has to do, in ms. */
export interface Load {
  readonly work: number
  /** One after another, with nothing beside it. */
  readonly alone: number
  readonly longest: number
  readonly chains: ReadonlyMap<string, Chain>
}

export interface Machine {
  readonly lanes: number
  readonly resources: Readonly<Record<string, { readonly instances: Instances }>>
}

export const NO_LOAD: Load = { work: 0, alone: 0, longest: 0, chains: new Map() }

export function loadOf({ claims, estimate }: ShardedFile, { lanes, resources }: Machine): Load {
  const chains = new Map<string, Chain>()
  let alone = 0
  for (const { resource, mode } of claims) {
    if (resource === ALONE) {
      if (mode === 'exclusive') alone = estimate
      continue
    }
    const declared = resources[resource]?.instances ?? (resource === SEQUENTIAL ? 1 : 'lanes')
    const time = estimate / capacityOf(declared, lanes, undefined)
    chains.set(
      resource,
      mode === 'exclusive'
        ? { exclusive: time, shared: 0, longestShared: 0 }
        : { exclusive: 0, shared: time / lanes, longestShared: time },
    )
  }
  return alone > 0
    ? { work: 0, alone, longest: 0, chains: new Map() }
    : { work: estimate, alone, longest: estimate, chains }
}

export function add(a: Load, b: Load): Load {
  return {
    work: a.work + b.work,
    alone: a.alone + b.alone,
    longest: Math.max(a.longest, b.longest),
    chains: merge(a.chains, b.chains, (x, y) => ({
      exclusive: x.exclusive + y.exclusive,
      shared: x.shared + y.shared,
      longestShared: Math.max(x.longestShared, y.longestShared),
    })),
  }
}

/** Undefined if the longest goes with it: then the rest has to be added up anew. */
export function subtract(a: Load, b: Load): Load | undefined {
  if (b.longest > 0 && b.longest >= a.longest) return undefined
  for (const [resource, { longestShared }] of b.chains)
    if (longestShared > 0 && longestShared >= (a.chains.get(resource)?.longestShared ?? 0)) return undefined
  return {
    work: a.work - b.work,
    alone: a.alone - b.alone,
    longest: a.longest,
    chains: merge(a.chains, b.chains, (x, y) => ({
      exclusive: x.exclusive - y.exclusive,
      shared: x.shared - y.shared,
      longestShared: x.longestShared,
    })),
  }
}

/** The higher, the nearer `timeOf` comes to the greatest of its parts alone. */
const NORM = 16

/**
 * About how long it takes a machine, in ms: the greatest of the work over the lanes, the longest file and the chains,
 * and a little more where several come near it. Chains that are all as long as the run leave the order no choice.
 */
export function timeOf({ work, alone, longest, chains }: Load, { lanes }: Machine): number {
  const parts = [work / lanes, longest]
  for (const { exclusive, shared, longestShared } of chains.values())
    parts.push(exclusive + Math.max(shared, longestShared))
  const most = Math.max(...parts)
  if (most <= 0) return alone
  const sum = parts.reduce((total, part) => total + (part / most) ** NORM, 0)
  return alone + most * sum ** (1 / NORM)
}

const NO_CHAIN: Chain = { exclusive: 0, shared: 0, longestShared: 0 }

function merge(
  a: Load['chains'],
  b: Load['chains'],
  join: (x: Chain, y: Chain) => Chain,
): ReadonlyMap<string, Chain> {
  if (b.size === 0) return a
  const chains = new Map(a)
  for (const [resource, chain] of b) chains.set(resource, join(chains.get(resource) ?? NO_CHAIN, chain))
  return chains
}
