import type { Claim, Instances } from './claim.ts'
import { randomNumbers } from './random.ts'
import type { Workload, WorkloadFile } from './workload.ts'

export interface RandomWorkload {
  readonly workload: Workload
  readonly lanes: number
}

/**
 * A workload in the image of real suites, the same for the same seed: 20 to 400 files in directories that claim the
 * same, with durations of a heavy tail, 0 to 6 resources of 1 to 4 instances or one per lane, 2 to 12 lanes.
 */
export function randomWorkload(seed: number): RandomWorkload {
  const random = randomNumbers(seed)
  const between = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1))
  const chance = (probability: number): boolean => random() < probability

  const resources = new Map<string, { instances: Instances }>()
  const resourceCount = between(0, 6)
  for (let index = 1; index <= resourceCount; index++)
    resources.set(`resource-${index}`, { instances: chance(0.4) ? 'lanes' : between(1, 4) })
  const names = [...resources.keys(), ...(chance(0.2) ? ['sequential'] : [])]
  const hasAlone = chance(0.1)

  const randomClaims = (): Claim[] => {
    const count = Math.min(names.length, between(0, 3))
    const chosen = new Set<string>()
    while (chosen.size < count) chosen.add(names[between(0, names.length - 1)] ?? '')
    return [...chosen].map((resource) => ({ resource, mode: chance(0.2) ? 'shared' : 'exclusive' }))
  }

  const files: WorkloadFile[] = []
  const fileCount = between(20, 400)
  const tail = 0.6 + random()
  while (files.length < fileCount) {
    const directory = randomClaims()
    const typical = 100 * 50 ** random()
    const size = Math.min(fileCount - files.length, between(3, 40))
    for (let index = 0; index < size; index++) {
      const claims = chance(0.1) ? randomClaims() : directory
      files.push({
        id: `file-${String(files.length).padStart(3, '0')}`,
        claims: hasAlone && chance(0.02) ? [...claims, { resource: 'alone', mode: 'exclusive' }] : claims,
        duration: Math.max(5, Math.round(typical * Math.exp(tail * normal(random)))),
      })
    }
  }
  return { workload: { resources: Object.fromEntries(resources), files }, lanes: between(2, 12) }
}

/** Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
