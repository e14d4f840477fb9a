export type { RedisInstance, RedisOptions, Servers } from './options.ts'
export { redis } from './redis.ts'
