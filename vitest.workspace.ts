import { postgres } from '@vitest-lanes/postgres'
import { redis } from '@vitest-lanes/redis'
import { lanes } from 'vitest-lanes'
import { defineConfig } from 'vitest/config'

const unit = (name: string, folder = name) => ({
  extends: true as const,
  test: {
    name: `unit:${name}`,
    include: [`tests-unit/${folder}/**/*.test.ts`],
    // Property tests compute for seconds, beside servers that do too.
    testTimeout: 30_000,
  },
})

/** A server in the place of ours: `.ci/named-servers` starts both. */
const theirs = (server: string | undefined) => (server === undefined ? {} : { server })

export default defineConfig({
  plugins: [
    lanes({
      resources: {
        redis: redis(theirs(process.env['LANES_TEST_REDIS'])),
        postgres: postgres({
          migrate: './packages/orchestrator/migrations',
          ...theirs(process.env['LANES_TEST_POSTGRES']),
        }),
      },
      files: {
        // Suites that kill runs and look at what is left on the machine: one at a time …
        'tests-integration/**': ['sequential'],
        // … but these start servers of their own, in folders of their own …
        'tests-integration/{redis,server}/**': [],
        // … these run small projects with the real Vitest, and know their own processes …
        'tests-integration/{cli,compat,docs,vitest-lanes}/**': [],
        // … and these share nothing once each file has a Redis and a database.
        'tests-integration/orchestrator/**': ['redis', 'postgres'],
        // Fixtures are tested where they are used: in a file that has servers.
        'tests-integration/bullmq/**': ['redis', 'postgres'],
        'tests-integration/redis/fixture/**': ['redis'],
        'tests-integration/postgres/fixture/**': ['postgres'],
        'tests-integration/orchestrator-fixtures/**': ['redis', 'postgres'],
      },
    }),
  ],
  test: {
    projects: [
      unit('core'),
      unit('conformance'),
      unit('report'),
      unit('server'),
      unit('redis'),
      unit('postgres'),
      unit('bullmq'),
      unit('vitest-lanes'),
      unit('orchestrator', 'orchestrator*'),
      unit('demo'),
      unit('bench'),
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['tests-integration/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
