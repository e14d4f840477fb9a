export { conformance } from './conformance.ts'
export type { ConformanceOptions, Env, TestApi } from './options.ts'
