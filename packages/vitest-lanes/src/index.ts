export { lanes } from './plugin.ts'
export type { LanesOptions, PlainResource, ResourceOption } from './options.ts'
export { LanesError, verify } from '@vitest-lanes/core'
export type { LanesCode, Overlap, Provider, RunRecord } from '@vitest-lanes/core'
