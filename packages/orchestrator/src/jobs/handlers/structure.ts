import { z } from 'zod'
import { buildOutline, mergeTopics, readTopics } from '../../courses/outline.ts'
import { listLessons, replaceStructure, setCourseStatus } from '../../courses/repository.ts'
import { startLessons } from '../../pipeline.ts'
import type { JobHandler } from '../context.ts'
import { topicSchema } from '../schemas.ts'

const topicsResult = z.object({ topics: z.array(topicSchema) })

/** Reads one document into topics. */
export const parseDocument: JobHandler<'document-parsing'> = async ({ data, step }) => {
  const topics = readTopics(data.document.text)
  if (topics.length === 0) throw new Error(`Document ${data.document.name} has no text under any heading`)
  await step(100)
  return { topics }
}

/** Merges what the documents treat, and keeps the topics of which they say most. */
export const analyseStructure: JobHandler<'structure-analysis'> = async ({ data, childResults, step }) => {
  const parsed = z.array(topicsResult).parse(await childResults())
  const topics = mergeTopics(
    parsed.flatMap((result) => result.topics),
    data.maxTopics,
  )
  await step(100)
  return { topics }
}

/** Lays out sections and lessons, and starts the writing of the lessons. */
export const generateStructure: JobHandler<'structure-generation'> = async (context) => {
  const { data, db, step } = context
  const [analysis] = z.array(topicsResult).parse(await context.childResults())
  const outline = buildOutline(analysis?.topics ?? [], data.lessonsPerSection)
  await replaceStructure(db, data, outline)
  await step(50)
  await setCourseStatus(db, data.courseId, 'generating')
  const lessons = await listLessons(db, data.courseId)
  const flow = await startLessons(data, lessons, data.language)
  await step(100)
  return { sections: outline.sections.length, lessons: lessons.length, finalizationJobId: flow.rootJobId }
}
