export { lanes } from './plugin.ts'
export type { LanesOptions, PlainResource, ResourceOption } from './options.ts'
export { LanesError } from '@vitest-lanes/core'
export type { LanesCode, Provider, RunRecord } from '@vitest-lanes/core'
