import type { FlowJob, JobNode } from 'bullmq'
import { getPool } from './clients.ts'
import type { CourseKey, Lesson } from './courses/repository.ts'
import { type JobInput, type JobType, parseJobData } from './jobs/catalogue.ts'
import { createJobStatus } from './jobs/job-status.ts'
import { getFlowProducer, idOf, jobOptions, QUEUE_NAME, toAttempt } from './queue.ts'

/** A tree of jobs that was added: the root runs last. */
export interface StartedFlow {
  readonly rootJobId: string
  /** All jobs of the tree, the root first. */
  readonly jobIds: readonly string[]
}

export type SourceDocument = JobInput<'document-parsing'>['document']

export interface GenerationOptions {
  readonly language?: JobInput<'structure-generation'>['language']
  readonly lessonsPerSection?: number
  readonly maxTopics?: number
}

/**
 * Starts the generation of a course: its documents are parsed side by side, their topics analysed, the structure
 * laid out; that last job starts the lessons.
 * @throws ZodError if a document is not valid; then nothing was added.
 */
export async function startCourseGeneration(
  key: CourseKey,
  documents: readonly SourceDocument[],
  options: GenerationOptions = {},
): Promise<StartedFlow> {
  if (documents.length === 0) throw new Error('A course needs at least one document')
  const { organizationId, courseId } = key
  const course = { organizationId, courseId }
  const { language, lessonsPerSection, maxTopics } = options
  return addFlow(
    node('structure-generation', { ...course, language, lessonsPerSection }, [
      node(
        'structure-analysis',
        { ...course, maxTopics },
        documents.map((document) => node('document-parsing', { ...course, document })),
      ),
    ]),
  )
}

/** Starts the writing of a course's lessons, side by side; finalization runs when all are written. */
export async function startLessons(
  key: CourseKey,
  lessons: readonly Pick<Lesson, 'id'>[],
  language: JobInput<'text-generation'>['language'] = 'en',
): Promise<StartedFlow> {
  const course = { organizationId: key.organizationId, courseId: key.courseId }
  const children = lessons.map(({ id }) => node('text-generation', { ...course, lessonId: id, language }))
  return addFlow(node('finalization', course, children))
}

function node<T extends JobType>(type: T, data: JobInput<T>, children: FlowJob[] = []): FlowJob {
  return {
    name: type,
    queueName: QUEUE_NAME,
    data: parseJobData(type, data),
    opts: jobOptions(type),
    children,
  }
}

async function addFlow(root: FlowJob): Promise<StartedFlow> {
  const tree = await getFlowProducer().add(withFailingParents(root))
  const jobs = flatten(tree)
  for (const job of jobs) await createJobStatus(getPool(), toAttempt(job))
  return { rootJobId: idOf(tree.job), jobIds: jobs.map(idOf) }
}

/** A job without the result of a child makes no sense: the child's failure is its own. */
function withFailingParents(root: FlowJob): FlowJob {
  const children = (root.children ?? []).map((child) => {
    const node = withFailingParents(child)
    return { ...node, opts: { ...node.opts, failParentOnFailure: true } }
  })
  return { ...root, children }
}

function flatten(tree: JobNode): JobNode['job'][] {
  return [tree.job, ...(tree.children ?? []).flatMap(flatten)]
}
