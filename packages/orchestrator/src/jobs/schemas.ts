import { z } from 'zod'

/** What every job carries. */
const tenantData = z.object({
  organizationId: z.uuid(),
  /** Who asked for it; absent for scheduled jobs. */
  requestedBy: z.string().min(1).max(200).optional(),
  /** The longest that one attempt may take, in milliseconds; no limit when left out. */
  timeoutMs: z.int().min(10).max(3_600_000).optional(),
})

const courseData = tenantData.extend({ courseId: z.uuid() })

const languages = z.enum(['en', 'de', 'fr', 'es', 'ru'])

/** One topic that a document treats. */
export const topicSchema = z.object({ title: z.string().min(1), sentences: z.array(z.string().min(1)) })

export const documentParsing = courseData.extend({
  document: z.object({
    name: z
      .string()
      .min(1)
      .max(255)
      .regex(/\.(md|txt)$/, 'must be a .md or .txt file'),
    text: z.string().min(1).max(500_000),
  }),
})

export const structureAnalysis = courseData.extend({
  maxTopics: z.int().min(1).max(50).default(12),
})

export const structureGeneration = courseData.extend({
  lessonsPerSection: z.int().min(1).max(12).default(3),
  language: languages.default('en'),
})

export const textGeneration = courseData.extend({
  lessonId: z.uuid(),
  words: z.int().min(10).max(2_000).default(120),
  language: languages.default('en'),
  style: z.enum(['academic', 'conversational', 'concise']).default('conversational'),
})

export const finalization = courseData.extend({
  /** `draft` lets a course be finished with lessons that have no text. */
  require: z.enum(['all-lessons', 'draft']).default('all-lessons'),
})

/** A job for trying the queue: so many steps of so many milliseconds, failing on the first attempts if asked to. */
export const testJob = tenantData.extend({
  message: z.string().max(1_000).default('ok'),
  steps: z.int().min(1).max(100).default(1),
  stepMs: z.int().min(0).max(10_000).default(0),
  failAttempts: z.int().min(0).max(20).default(0),
})

export const maintenance = tenantData.extend({
  keepMs: z.int().min(0).default(86_400_000),
})
