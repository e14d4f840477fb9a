import { auto } from './auto.ts'
import { bisect } from './bisect.ts'
import { demo } from './demo.ts'
import { fixtures } from './fixtures.ts'
import { leaks } from './leaks.ts'
import { plugin } from './plugin.ts'
import { postgres } from './postgres.ts'
import { redis } from './redis.ts'
import { report } from './report.ts'
import type { BenchResult } from './result.ts'
import { scheduler } from './scheduler.ts'
import { shards } from './shards.ts'
import { split } from './split.ts'

/** Each measures one part of the product; run one after another, as they share the machine. */
export const GROUPS: Readonly<Record<string, () => Promise<readonly BenchResult[]>>> = {
  scheduler,
  plugin,
  demo,
  report,
  redis,
  postgres,
  shards,
  auto,
  split,
  bisect,
  fixtures: async () => [...(await fixtures()), ...(await leaks())],
}
