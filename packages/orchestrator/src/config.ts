import { z } from 'zod'

const environment = z.object({
  REDIS_URL: z.string().regex(/^rediss?:\/\//, 'must be a redis:// URL'),
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgres:// URL'),
})

export interface Config {
  readonly redisUrl: string
  readonly databaseUrl: string
}

/**
 * Reads `REDIS_URL` and `DATABASE_URL`.
 * @throws if one is missing or of another scheme; the message names the variable and never its value.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const parsed = environment.safeParse(env)
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new Error(`The orchestrator's environment is incomplete: ${faults.join('; ')}`)
  }
  return { redisUrl: parsed.data.REDIS_URL, databaseUrl: parsed.data.DATABASE_URL }
}
