import type { BackoffOptions } from 'bullmq'
import type { z } from 'zod'
import {
  documentParsing,
  finalization,
  maintenance,
  structureAnalysis,
  structureGeneration,
  testJob,
  textGeneration,
} from './schemas.ts'

/** How urgent a job is: BullMQ's numbers, in which less is sooner. */
export const PRIORITIES = { high: 1, normal: 5, low: 10 } as const
export type Priority = keyof typeof PRIORITIES

interface JobDefinition<S extends z.ZodType> {
  readonly schema: S
  readonly attempts: number
  readonly backoff: BackoffOptions
  readonly priority: Priority
}

const define = <S extends z.ZodType>(definition: JobDefinition<S>) => definition

/** Every type of job: what it takes, how often it is tried, how long between tries, how urgent it is. */
export const CATALOGUE = {
  'document-parsing': define({
    schema: documentParsing,
    attempts: 3,
    backoff: { type: 'exponential', delay: 200 },
    priority: 'normal',
  }),
  'structure-analysis': define({
    schema: structureAnalysis,
    attempts: 3,
    backoff: { type: 'exponential', delay: 200 },
    priority: 'normal',
  }),
  'structure-generation': define({
    schema: structureGeneration,
    attempts: 3,
    backoff: { type: 'exponential', delay: 200 },
    priority: 'normal',
  }),
  'text-generation': define({
    schema: textGeneration,
    attempts: 4,
    backoff: { type: 'exponential', delay: 150 },
    priority: 'normal',
  }),
  finalization: define({
    schema: finalization,
    attempts: 2,
    backoff: { type: 'fixed', delay: 200 },
    priority: 'high',
  }),
  maintenance: define({
    schema: maintenance,
    attempts: 1,
    backoff: { type: 'fixed', delay: 0 },
    priority: 'low',
  }),
  test_job: define({
    schema: testJob,
    attempts: 1,
    backoff: { type: 'fixed', delay: 0 },
    priority: 'normal',
  }),
} as const

export type JobType = keyof typeof CATALOGUE
/** What a caller passes: fields with defaults may be left out. */
export type JobInput<T extends JobType = JobType> = z.input<(typeof CATALOGUE)[T]['schema']>
/** What a handler gets. */
export type JobData<T extends JobType = JobType> = z.output<(typeof CATALOGUE)[T]['schema']>

export const JOB_TYPES = Object.keys(CATALOGUE) as [JobType, ...JobType[]]

export function isJobType(name: string): name is JobType {
  return Object.hasOwn(CATALOGUE, name)
}

/**
 * Checks a job's data against its type and fills in what was left out.
 * @throws ZodError naming each field that is wrong.
 */
export function parseJobData<T extends JobType>(type: T, data: unknown): JobData<T> {
  return CATALOGUE[type].schema.parse(data) as JobData<T>
}
