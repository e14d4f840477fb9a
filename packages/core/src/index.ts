export * from './claim.ts'
export * from './errors.ts'
export * from './provider.ts'
export * from './record.ts'
