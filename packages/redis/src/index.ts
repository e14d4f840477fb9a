export type { RedisInstance, RedisOptions } from './options.ts'
export { redis } from './redis.ts'
