import { setTimeout } from 'node:timers/promises'
import type { Engine } from '@vitest-lanes/server'
import { postgres } from '@vitest-lanes/postgres'
import { redis } from '@vitest-lanes/redis'
import { startProvider } from './provider-run.ts'

// A process with one run in it: prints how many ms both servers took until they could be used.
const [, , name, root = '/'] = process.argv
const engine: Engine = name === 'native' ? 'native' : 'embedded'
// Vitest has long done what a new process does in its first moments.
await setTimeout(50)
const begun = performance.now()
const runs = await Promise.all(
  [redis({ engine }), postgres({ engine, migrate: './migration.sql' })].map(async (provider) => {
    const run = await startProvider(provider, 4, root)
    await run.open(1)
    return run
  }),
)
const took = performance.now() - begun
for (const run of runs) await run[Symbol.asyncDispose]()
console.log(took)
