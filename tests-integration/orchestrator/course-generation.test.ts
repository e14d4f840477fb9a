import {
  countLevels,
  createTemplateModel,
  findCourse,
  findJobStatus,
  getCourseStructure,
  getPool,
  getQueue,
  listJobs,
  listLessons,
  replaceStructure,
  type SourceDocument,
  startCourseGeneration,
  startLessons,
  type TextModel,
} from '@vitest-lanes/orchestrator'
import { describe, expect, test } from 'vitest'
import {
  callAs,
  createTestCourse,
  OTHER_ORGANIZATION,
  outlineOf,
  TEST_ORGANIZATION,
} from './support/fixtures.ts'
import { startTestWorker, useOrchestrator } from './support/orchestrator.ts'
import { waitForJobs, waitForJobState, waitUntil } from './support/wait.ts'

useOrchestrator()

const document = (name: string, ...headings: string[]): SourceDocument => ({
  name,
  text: headings.map((heading) => `# ${heading}\nThis is what there is to say of ${heading}.`).join('\n\n'),
})

/** A model that takes its time, as models do. */
const slow = createTemplateModel(150)

const keyOf = (courseId: string) => ({ organizationId: TEST_ORGANIZATION.id, courseId })

async function generate(
  documents: SourceDocument[],
  options: Parameters<typeof startCourseGeneration>[2] = {},
) {
  const course = await createTestCourse()
  const flow = await startCourseGeneration(keyOf(course.id), documents, options)
  return { courseId: course.id, flow }
}

function waitForCourse(courseId: string, ...statuses: string[]) {
  return waitUntil(`course ${courseId} to be ${statuses.join(' or ')}`, async () => {
    const course = await findCourse(getPool(), courseId)
    return course && statuses.includes(course.status) ? course : undefined
  })
}

async function titlesOf(courseId: string): Promise<[string, string[]][]> {
  const structure = await getCourseStructure(getPool(), courseId)
  return (structure?.sections ?? []).map(({ title, lessons }) => [
    title,
    lessons.map((lesson) => lesson.title),
  ])
}

/** A course with its structure, whose lessons are now being written. */
async function writeLessons(...lessonCounts: number[]) {
  const course = await createTestCourse()
  await replaceStructure(getPool(), keyOf(course.id), outlineOf(...lessonCounts))
  const lessons = await listLessons(getPool(), course.id)
  return { courseId: course.id, flow: await startLessons(keyOf(course.id), lessons) }
}

describe('from documents to a course', () => {
  test('a document becomes a course that is ready to be read', async () => {
    await startTestWorker({ model: slow })
    const { courseId } = await generate([document('cells.md', 'Cells', 'Tissue', 'Organs', 'Organisms')])

    await waitForCourse(courseId, 'ready', 'failed')

    expect((await findCourse(getPool(), courseId))?.status).toBe('ready')
    expect(await countLevels(getPool())).toEqual({ courses: 1, sections: 2, lessons: 4, written: 4 })
  })

  test('sections and lessons follow the headings', async () => {
    await startTestWorker()
    const { courseId } = await generate([document('a.md', 'One', 'Two', 'Three')], { lessonsPerSection: 2 })

    await waitForCourse(courseId, 'ready', 'failed')

    expect(await titlesOf(courseId)).toEqual([
      ['One', ['One', 'Two']],
      ['Three', ['Three']],
    ])
  })

  test('what several documents say of one topic is one lesson', async () => {
    await startTestWorker()
    const { courseId } = await generate([document('a.md', 'Cells'), document('b.md', 'cells', 'Tissue')])

    await waitForCourse(courseId, 'ready', 'failed')

    const titles = (await listLessons(getPool(), courseId)).map((lesson) => lesson.title.toLowerCase())
    expect(titles.toSorted()).toEqual(['cells', 'tissue'])
  })

  test('topics beyond the limit are left out', async () => {
    await startTestWorker()
    const { courseId } = await generate([document('a.md', 'A', 'B', 'C', 'D', 'E')], { maxTopics: 3 })

    await waitForCourse(courseId, 'ready', 'failed')

    expect(await titlesOf(courseId)).toEqual([['A', ['A', 'B', 'C']]])
  })

  test('each job of the tree has its row, and the root starts last', async () => {
    const { courseId, flow } = await generate([
      document('a.md', 'A'),
      document('b.md', 'B'),
      document('c.md', 'C'),
    ])
    await startTestWorker()

    const rows = await waitForJobs(flow.jobIds, 'completed')

    const [root, ...others] = rows.map((row) => row.startedAt?.getTime() ?? 0)
    expect(rows.map((row) => row.type).toSorted()).toEqual([
      'document-parsing',
      'document-parsing',
      'document-parsing',
      'structure-analysis',
      'structure-generation',
    ])
    expect(root).toBe(Math.max(root ?? 0, ...others))
    await waitForCourse(courseId, 'ready')
  })

  test('a second generation replaces the structure of the first', async () => {
    await startTestWorker()
    const { courseId } = await generate([document('a.md', 'Old')])
    await waitForCourse(courseId, 'ready')

    const second = await startCourseGeneration(keyOf(courseId), [document('b.md', 'New')])
    await waitForJobState(second.rootJobId, 'completed')
    await waitForCourse(courseId, 'ready')

    expect(await titlesOf(courseId)).toEqual([['New', ['New']]])
  })

  test('an author starts it through the API, for courses of the own organization', async () => {
    await startTestWorker()
    const own = await callAs('author').courses.create({ slug: 'own', title: 'Own' })
    const foreign = await createTestCourse('foreign', OTHER_ORGANIZATION)
    const documents = [document('a.md', 'A')]

    await callAs('author').courses.generate({ courseId: own.id, documents })
    const trespass = callAs('author').courses.generate({ courseId: foreign.id, documents })

    await expect(trespass).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await waitForCourse(own.id, 'ready')
  })
})

describe('the writing of lessons', () => {
  test('lessons are written side by side', async () => {
    let running = 0
    let most = 0
    const model: TextModel = {
      async write(request, signal) {
        running += 1
        most = Math.max(most, running)
        const text = await slow.write(request, signal)
        running -= 1
        return text
      },
    }
    await startTestWorker({ model, concurrency: 3 })
    const { flow } = await writeLessons(3, 3)

    await waitForJobState(flow.rootJobId, ['completed', 'failed'])

    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(3)
  })

  test('each lesson gets a text of the length asked for', async () => {
    await startTestWorker()
    const { courseId, flow } = await writeLessons(2)

    await waitForJobState(flow.rootJobId, ['completed', 'failed'])

    const lessons = await listLessons(getPool(), courseId)
    expect(lessons.map((lesson) => lesson.content?.split(' ').length)).toEqual([120, 120])
  })

  test('finalization waits for the slowest lesson', async () => {
    let inspire: (() => void) | undefined
    const inspiration = new Promise<void>((resolve) => {
      inspire = resolve
    })
    const model: TextModel = {
      async write(request, signal) {
        if (request.topic === 'A2') await inspiration
        return slow.write(request, signal)
      },
    }
    await startTestWorker({ model })
    const { flow } = await writeLessons(3)
    await waitForJobs([flow.jobIds[1] ?? '', flow.jobIds[3] ?? ''], 'completed')

    expect((await findJobStatus(getPool(), flow.rootJobId))?.state).toBe('waiting')
    inspire?.()
    await waitForJobState(flow.rootJobId, 'completed')
  })

  test('a lesson that fails twice is tried again, and the course becomes ready', async () => {
    let failures = 0
    const model: TextModel = {
      async write(request, signal) {
        if (request.topic === 'A2' && failures < 2) {
          failures += 1
          throw new Error('the model is overloaded')
        }
        return slow.write(request, signal)
      },
    }
    await startTestWorker({ model })
    const { courseId, flow } = await writeLessons(3)

    await waitForJobState(flow.rootJobId, ['completed', 'failed'])

    expect((await findCourse(getPool(), courseId))?.status).toBe('ready')
    expect((await findJobStatus(getPool(), flow.jobIds[2] ?? ''))?.attempt).toBe(3)
  })

  test('a lesson that fails for good fails the course', async () => {
    const model: TextModel = {
      write: async () => {
        throw new Error('the model is down')
      },
    }
    await startTestWorker({ model })
    const { courseId, flow } = await writeLessons(1)

    const lesson = await waitForJobState(flow.jobIds[1] ?? '', 'failed')
    await waitForCourse(courseId, 'failed')
    const root = await waitForJobState(flow.rootJobId, 'failed')

    expect(lesson).toMatchObject({ attempt: 4, error: 'the model is down' })
    expect(root.error).toContain('failed')
  })
})

describe('failures', () => {
  test('a document without text fails the course before anything is laid out', async () => {
    await startTestWorker()
    const { courseId, flow } = await generate([
      document('good.md', 'Good'),
      { name: 'bad.md', text: '# Alone' },
    ])

    await waitForCourse(courseId, 'failed')
    await waitForJobState(flow.rootJobId, 'failed')

    expect(await titlesOf(courseId)).toEqual([])
    const { jobs } = await listJobs(getPool(), { types: ['text-generation'], limit: 10 })
    expect(jobs).toEqual([])
  })

  test('a document that is not valid adds nothing', async () => {
    const course = await createTestCourse()

    const start = startCourseGeneration(keyOf(course.id), [
      document('good.md', 'Good'),
      { name: 'virus.exe', text: 'x' },
    ])

    await expect(start).rejects.toThrow('must be a .md or .txt file')
    expect(await getQueue().getJobCounts('waiting-children', 'prioritized')).toEqual({
      'waiting-children': 0,
      prioritized: 0,
    })
  })
})
