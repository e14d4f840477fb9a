import { simulate } from '@vitest-lanes/core'
import type { Claim, FileRecord, Finding, RunRecord } from '@vitest-lanes/core'
import { exclusive, recordOf, shared } from './record.ts'

const AREAS = ['billing', 'catalogue', 'courses', 'jobs', 'mail', 'orders', 'search', 'users']
const WORDS = [
  'create',
  'cancel',
  'retry',
  'export',
  'import',
  'refund',
  'publish',
  'archive',
  'invite',
  'merge',
]
const START_MS = 120
const EXIT_MS = 90
const CLEAN_MS = 15

/** A run of so many files as the simulator would have it: the same each time. */
export function simulatedRecord(count: number, lanes = 6): RunRecord {
  const random = generator(7)
  const files = Array.from({ length: count }, (_, index) => {
    const area = AREAS[index % AREAS.length]!
    const word = WORDS[Math.floor(random() * WORDS.length)]!
    return {
      id: `tests/integration/${area}/${word}-${index + 1}.test.ts`,
      claims: claimsOf(area, random()),
      duration: Math.round(150 + 6000 * random() ** 4 + (index === 3 ? 9000 : 0)),
    }
  })
  const resources = {
    redis: { instances: 'lanes' },
    postgres: { instances: 'lanes' },
    stripe: { instances: 1 },
    llm: { instances: 3 },
  } as const
  const { wall, leases } = simulate(
    { files, resources },
    { lanes, startDelay: 8, exitDelay: EXIT_MS, cleanDelay: CLEAN_MS },
  )
  const byId = new Map(files.map((file) => [file.id, file]))
  const records = leases.map((lease, index): FileRecord => {
    const { claims } = byId.get(lease.id)!
    const failed = index % 97 === 11
    const scarce = claims.find(({ resource }) => resource === 'stripe' || resource === 'llm')?.resource
    return {
      file: lease.id,
      project: 'integration',
      claims,
      outcome: failed ? 'failed' : index % 211 === 30 ? 'skipped' : 'passed',
      tests: { passed: 3 + (index % 17), failed: failed ? 2 : 0, skipped: index % 5 === 0 ? 1 : 0, todo: 0 },
      times: {
        queued: 4,
        admitted: lease.start,
        ready: lease.start + 8,
        started: lease.start + 8 + Math.min(START_MS, (lease.end - lease.start) / 3),
        collected: lease.start + 8 + Math.min(2.5 * START_MS, (lease.end - lease.start) / 2),
        finished: lease.end,
        exited: lease.end + EXIT_MS,
        cleaned: lease.end + EXIT_MS + CLEAN_MS,
      },
      lane: lease.lane,
      instances: Object.fromEntries(claims.map(({ resource }) => [resource, lease.instances[resource]!])),
      estimate: Math.round((lease.end - lease.start) * 0.95),
      pid: 4000 + index,
      cpu: 10 * Math.round((lease.end - lease.start) / 50),
      stalled: index % 30,
      ...(failed
        ? {
            failedTests: [
              { name: `${byId.get(lease.id)!.id} > ends`, from: lease.end - 90, to: lease.end - 5 },
            ],
          }
        : {}),
      ...(lease.start > 5 ? { waitedFor: scarce ?? 'lane' } : {}),
    }
  })
  return recordOf({
    duration: wall + EXIT_MS + CLEAN_MS + 60,
    outcome: 'failed',
    lanes,
    resources: {
      redis: { instances: 2 * lanes, perLane: true, source: 'native redis-server 7.0.15' },
      postgres: { instances: 2 * lanes, perLane: true, source: 'native postgres 15.18' },
      stripe: { instances: 1, perLane: false },
      llm: { instances: 3, perLane: false },
    },
    files: records,
    findings: findingsOf(records),
  })
}

function claimsOf(area: string, chance: number): Claim[] {
  const common = [exclusive('redis'), chance < 0.2 ? shared('postgres') : exclusive('postgres')]
  if (area === 'billing' && chance < 0.5) return [exclusive('postgres'), exclusive('stripe')]
  if (area === 'search' && chance < 0.6) return [...common, exclusive('llm')]
  if (chance > 0.97) return [exclusive('sequential')]
  return common
}

function findingsOf(files: readonly FileRecord[]): Finding[] {
  return files
    .filter((_, index) => index % 40 === 9)
    .map(({ file }, index) =>
      index % 2 === 0
        ? {
            kind: 'redis-connection-open',
            resource: 'redis',
            file,
            message: `${file} left a BullMQ worker open`,
          }
        : { kind: 'undeclared-use', resource: 'postgres', file, message: `${file} used postgres undeclared` },
    )
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
