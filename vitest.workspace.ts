import { defineConfig } from 'vitest/config'

const unit = (name: string) => ({
  extends: true as const,
  test: { name: `unit:${name}`, include: [`tests-unit/${name}/**/*.test.ts`] },
})

export default defineConfig({
  test: {
    projects: [
      unit('core'),
      unit('conformance'),
      unit('report'),
      unit('server'),
      unit('redis'),
      unit('postgres'),
      unit('vitest-lanes'),
      unit('orchestrator'),
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
