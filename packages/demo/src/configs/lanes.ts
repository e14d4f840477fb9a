import { postgres } from '@vitest-lanes/postgres'
import { redis } from '@vitest-lanes/redis'
import { lanes } from 'vitest-lanes'
import { defineConfig } from 'vitest/config'
import { MIGRATIONS, SUITE } from '../suite.ts'

/** The same suite with the plugin. `DEMO_SPLIT=false`: no file in parts, to compare with. */
export default defineConfig({
  plugins: [
    lanes({
      split: process.env['DEMO_SPLIT'] === 'false' ? false : 'auto',
      resources: { redis: redis(), postgres: postgres({ migrate: MIGRATIONS }) },
      files: { 'tests-integration/orchestrator/**': ['redis', 'postgres'] },
    }),
  ],
  test: SUITE,
})
