import { z } from 'zod'

const environment = z.object({
  REDIS_URL: z.string().regex(/^rediss?:\/\//, 'must be a redis:// URL'),
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgres:// URL'),
  QUEUE_PREFIX: z.string().min(1, 'must not be empty').default('bull'),
})

export interface Config {
  readonly redisUrl: string
  readonly databaseUrl: string
  /** What the keys of the queue begin with. */
  readonly queuePrefix: string
}

/**
 * Reads `REDIS_URL`, `DATABASE_URL` and `QUEUE_PREFIX`, which is `bull` where it is not set.
 * @throws if one of the first two is missing or of another scheme; the message names the variable and never its value.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const parsed = environment.safeParse(env)
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new Error(`The orchestrator's environment is incomplete: ${faults.join('; ')}`)
  }
  const { REDIS_URL: redisUrl, DATABASE_URL: databaseUrl, QUEUE_PREFIX: queuePrefix } = parsed.data
  return { redisUrl, databaseUrl, queuePrefix }
}
