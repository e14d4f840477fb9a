import { fileURLToPath } from 'node:url'

/** The repository, from where the suite's paths start. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** The sample application's suite: the same files, however they are run. */
export const SUITE = {
  root: ROOT,
  include: ['tests-integration/orchestrator/**/*.test.ts', 'tests-unit/orchestrator/**/*.test.ts'],
  testTimeout: 30_000,
  hookTimeout: 15_000,
}

export const MIGRATIONS = fileURLToPath(new URL('../../orchestrator/migrations/', import.meta.url))
