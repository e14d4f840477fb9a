import {
  addSection,
  checkOutline,
  countLevels,
  type Database,
  deleteCourse,
  getCourseStructure,
  getPool,
  type Level,
  listCourses,
  listLessons,
  listSections,
  moveLevel,
  type Outline,
  removeLevel,
  replaceStructure,
  setLessonContent,
  withOrganization,
} from '@vitest-lanes/orchestrator'
import { describe, expect, test } from 'vitest'
import {
  callAs,
  createTestCourse,
  OTHER_ORGANIZATION,
  outlineOf,
  TEST_ORGANIZATION,
} from './support/fixtures.ts'
import { useDatabase } from './support/orchestrator.ts'

useDatabase()

const keyOf = (courseId: string) => ({ organizationId: TEST_ORGANIZATION.id, courseId })
const checking = (sections: Outline['sections']) => () => checkOutline({ sections })
const asTenant = <T>(work: (db: Database) => Promise<T>) => withOrganization(TEST_ORGANIZATION.id, work)

async function createStructure(...lessonCounts: number[]): Promise<string> {
  const course = await createTestCourse()
  await replaceStructure(getPool(), keyOf(course.id), outlineOf(...lessonCounts))
  return course.id
}

/** The titles of all levels, and their positions. */
async function readLevels(courseId: string) {
  const structure = await getCourseStructure(getPool(), courseId)
  return structure?.sections.map(({ position, title, lessons }) => ({
    position,
    title,
    lessons: lessons.map((lesson) => `${lesson.position} ${lesson.title}`),
  }))
}

async function idOf(courseId: string, level: Level, title: string): Promise<string> {
  const rows =
    level === 'sections' ? await listSections(getPool(), courseId) : await listLessons(getPool(), courseId)
  const row = rows.find((candidate) => candidate.title === title)
  if (!row) throw new Error(`There is no ${title} among the ${level}`)
  return row.id
}

describe('reading', () => {
  test('should successfully retrieve all levels', async () => {
    const courseId = await createStructure(2, 1)

    const structure = await getCourseStructure(getPool(), courseId)

    expect(structure?.course).toMatchObject({ id: courseId, slug: 'biology', status: 'draft' })
    expect(await readLevels(courseId)).toEqual([
      { position: 1, title: 'A', lessons: ['1 A1', '2 A2'] },
      { position: 2, title: 'B', lessons: ['1 B1'] },
    ])
  })

  test('should retrieve a course without levels', async () => {
    const course = await createTestCourse()

    expect(await getCourseStructure(getPool(), course.id)).toEqual({ course, sections: [] })
  })

  test('should find nothing for an id that does not exist', async () => {
    expect(await getCourseStructure(getPool(), TEST_ORGANIZATION.id)).toBeUndefined()
  })

  test('should list lessons in the order in which they are read', async () => {
    const courseId = await createStructure(2, 3)

    const lessons = await listLessons(getPool(), courseId)

    expect(lessons.map((lesson) => lesson.title)).toEqual(['A1', 'A2', 'B1', 'B2', 'B3'])
  })

  test('should list courses in the order in which they were made', async () => {
    const courses = [await createTestCourse('zoology'), await createTestCourse('algebra')]

    expect(await listCourses(getPool())).toEqual(courses)
  })

  test('should count all levels', async () => {
    const courseId = await createStructure(2, 3)
    await setLessonContent(getPool(), await idOf(courseId, 'lessons', 'B2'), 'Text')

    expect(await countLevels(getPool())).toEqual({ courses: 1, sections: 2, lessons: 5, written: 1 })
  })

  test('should retrieve all levels through the API', async () => {
    const courseId = await createStructure(1, 1)

    const { sections } = await callAs('viewer').courses.structure({ courseId })

    expect(sections.map((section) => section.lessons.map((lesson) => lesson.title))).toEqual([['A1'], ['B1']])
  })

  test("should not retrieve another organization's course through the API", async () => {
    const courseId = await createStructure(1)

    const structure = callAs('viewer', OTHER_ORGANIZATION).courses.structure({ courseId })

    await expect(structure).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `Course ${courseId} not found`,
    })
  })
})

describe('writing', () => {
  test('should replace all levels at once', async () => {
    const courseId = await createStructure(3, 3)

    await replaceStructure(getPool(), keyOf(courseId), outlineOf(1))

    expect(await readLevels(courseId)).toEqual([{ position: 1, title: 'A', lessons: ['1 A1'] }])
  })

  test('should change nothing if the new structure is not valid', async () => {
    const courseId = await createStructure(1)

    const replace = replaceStructure(getPool(), keyOf(courseId), { sections: [] })

    await expect(replace).rejects.toThrow('>=1 items')
    expect(await readLevels(courseId)).toHaveLength(1)
  })

  test('should add a section after the last', async () => {
    const courseId = await createStructure(1, 1)

    const added = await asTenant((db) => addSection(db, keyOf(courseId), 'Appendix'))

    expect(added).toMatchObject({ position: 3, title: 'Appendix' })
  })

  test('should delete a course with all its levels', async () => {
    const courseId = await createStructure(2, 2)

    expect(await asTenant((db) => deleteCourse(db, courseId))).toBe(true)
    expect(await countLevels(getPool())).toEqual({ courses: 0, sections: 0, lessons: 0, written: 0 })
  })

  test('should refuse two courses of one organization with the same slug', async () => {
    await createTestCourse('biology')
    await createTestCourse('biology', OTHER_ORGANIZATION)

    await expect(createTestCourse('biology')).rejects.toThrow('courses_organization_id_slug_key')
  })

  test('should store the text of a lesson', async () => {
    const courseId = await createStructure(2)
    await asTenant(async (db) =>
      setLessonContent(db, await idOf(courseId, 'lessons', 'A2'), 'A cell is small.'),
    )

    const lessons = await listLessons(getPool(), courseId)
    expect(lessons.map((lesson) => lesson.content)).toEqual([null, 'A cell is small.'])
  })

  test('should say so if the lesson is gone', async () => {
    const courseId = await createStructure(1)

    await expect(setLessonContent(getPool(), courseId, 'Text')).rejects.toThrow(
      `Lesson ${courseId} not found`,
    )
  })

  test('should keep nothing of a transaction that fails', async () => {
    const course = await createTestCourse()
    const failing = asTenant(async (db) => {
      await replaceStructure(db, keyOf(course.id), outlineOf(2))
      throw new Error('the author changed their mind')
    })

    await expect(failing).rejects.toThrow('the author changed their mind')
    expect(await readLevels(course.id)).toEqual([])
  })
})

describe('order', () => {
  test.each([
    { from: 'A', to: 3, order: ['B', 'C', 'A', 'D'] },
    { from: 'D', to: 1, order: ['D', 'A', 'B', 'C'] },
    { from: 'B', to: 99, order: ['A', 'C', 'D', 'B'] },
  ])('should move section $from to position $to', async ({ from, to, order }) => {
    const courseId = await createStructure(1, 1, 1, 1)
    const id = await idOf(courseId, 'sections', from)

    await callAs('author').courses.move({ level: 'sections', id, position: to })

    const sections = await listSections(getPool(), courseId)
    expect(sections.map((section) => section.title)).toEqual(order)
    expect(sections.map((section) => section.position)).toEqual([1, 2, 3, 4])
  })

  test('should move a lesson within its section alone', async () => {
    const courseId = await createStructure(3, 2)

    await moveLevel(getPool(), 'lessons', await idOf(courseId, 'lessons', 'A3'), 1)

    const lessons = await listLessons(getPool(), courseId)
    expect(lessons.map((lesson) => lesson.title)).toEqual(['A3', 'A1', 'A2', 'B1', 'B2'])
  })

  test('should close the gap when a section is removed', async () => {
    const courseId = await createStructure(1, 1, 1)

    const removed = await removeLevel(getPool(), 'sections', await idOf(courseId, 'sections', 'B'))

    expect(removed).toBe(true)
    expect(await readLevels(courseId)).toEqual([
      { position: 1, title: 'A', lessons: ['1 A1'] },
      { position: 2, title: 'C', lessons: ['1 C1'] },
    ])
  })

  test('should keep positions apart when two authors move sections at once', async () => {
    const courseId = await createStructure(1, 1, 1)
    const [first, last] = [await idOf(courseId, 'sections', 'A'), await idOf(courseId, 'sections', 'C')]

    await Promise.all([
      asTenant((db) => moveLevel(db, 'sections', first, 3)),
      asTenant((db) => moveLevel(db, 'sections', last, 1)),
    ])

    const sections = await listSections(getPool(), courseId)
    expect(sections.map((section) => section.position)).toEqual([1, 2, 3])
    expect(sections.map((section) => section.title)).toEqual(expect.arrayContaining(['A', 'B', 'C']))
  })
})

describe('validation', () => {
  test('should refuse two lessons of one section with the same title', () => {
    const outline = { sections: [{ title: 'A', lessons: [{ title: 'Cells' }, { title: 'cells' }] }] }

    expect(() => checkOutline(outline)).toThrow('Section "A" has two lessons named "cells"')
  })

  test('should refuse levels that are empty or too many', () => {
    expect(checking([{ title: 'A', lessons: [] }])).toThrow('>=1 items')
    expect(checking([{ title: ' ', lessons: [{ title: 'x' }] }])).toThrow('>=1 characters')
    expect(checking(outlineOf(31).sections)).toThrow('<=30 items')
  })
})
