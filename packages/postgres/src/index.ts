export type { DatabaseAddress } from './address.ts'
export type { Migration, MigrationFunction, MigrationStep, PostgresOptions } from './options.ts'
export { postgres } from './provider.ts'
