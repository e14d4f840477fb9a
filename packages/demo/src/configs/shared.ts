import { defineConfig } from 'vitest/config'
import { SUITE } from '../suite.ts'

/** Stock Vitest: its own pool, its own order, no plugin. */
export default defineConfig({ test: SUITE })
