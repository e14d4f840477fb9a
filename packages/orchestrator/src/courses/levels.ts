import type { Database } from '../clients.ts'
import { type Course, type CourseKey, findCourse, type Lesson, listLessons } from './repository.ts'

export interface Section {
  readonly id: string
  readonly position: number
  readonly title: string
}

export interface SectionWithLessons extends Section {
  readonly lessons: readonly Lesson[]
}

export interface CourseStructure {
  readonly course: Course
  readonly sections: readonly SectionWithLessons[]
}

/** A level that can be moved among its siblings. */
const LEVELS = {
  sections: { table: 'sections', parent: 'course_id', above: 'courses' },
  lessons: { table: 'lessons', parent: 'section_id', above: 'sections' },
} as const
export type Level = keyof typeof LEVELS

export async function listSections(db: Database, courseId: string): Promise<Section[]> {
  const { rows } = await db.query<Section>(
    'SELECT id, position, title FROM sections WHERE course_id = $1 ORDER BY position',
    [courseId],
  )
  return rows
}

/** A course with all its levels, each in order; undefined if the caller may not see it. */
export async function getCourseStructure(
  db: Database,
  courseId: string,
): Promise<CourseStructure | undefined> {
  const course = await findCourse(db, courseId)
  if (!course) return undefined
  const sections = await listSections(db, courseId)
  const lessons = await listLessons(db, courseId)
  return {
    course,
    sections: sections.map((section) => ({
      ...section,
      lessons: lessons.filter((lesson) => lesson.sectionId === section.id),
    })),
  }
}

/** Adds a section after the last; returns it. */
export async function addSection(db: Database, key: CourseKey, title: string): Promise<Section> {
  const { rows } = await db.query<Section>(
    `INSERT INTO sections (organization_id, course_id, title, position)
     VALUES ($1, $2, $3, (SELECT coalesce(max(position), 0) + 1 FROM sections WHERE course_id = $2))
     RETURNING id, position, title`,
    [key.organizationId, key.courseId, title],
  )
  return rows[0] as Section
}

/**
 * Moves a section or a lesson to another position among its siblings; those between move up or down by one.
 * A position beyond the last is the last. Two callers at once wait for each other, if each is in a transaction.
 * @throws if it does not exist.
 */
export async function moveLevel(db: Database, level: Level, id: string, position: number): Promise<void> {
  const { table, parent } = LEVELS[level]
  await lockSiblings(db, level, id)
  const { rowCount } = await db.query(
    `WITH moved AS (SELECT id, ${parent}, position FROM ${table} WHERE id = $1),
     target AS (
       SELECT least(greatest($2::int, 1), count(*)::int) AS position
       FROM ${table} WHERE ${parent} = (SELECT ${parent} FROM moved))
     UPDATE ${table} AS row SET position = CASE
       WHEN row.id = moved.id THEN target.position
       WHEN moved.position < target.position THEN row.position - 1
       ELSE row.position + 1 END
     FROM moved, target
     WHERE row.${parent} = moved.${parent}
       AND row.position BETWEEN least(moved.position, target.position) AND greatest(moved.position, target.position)`,
    [id, position],
  )
  if (rowCount === 0) throw new Error(`There is no row ${id} in ${table}`)
}

/** Takes a section or a lesson away with all below it, and closes the gap. False if there was none. */
export async function removeLevel(db: Database, level: Level, id: string): Promise<boolean> {
  const { table, parent } = LEVELS[level]
  await lockSiblings(db, level, id)
  const { rows } = await db.query<{ parent: string; position: number }>(
    `DELETE FROM ${table} WHERE id = $1 RETURNING ${parent} AS parent, position`,
    [id],
  )
  const [removed] = rows
  if (!removed) return false
  await db.query(`UPDATE ${table} SET position = position - 1 WHERE ${parent} = $1 AND position > $2`, [
    removed.parent,
    removed.position,
  ])
  return true
}

/** Holds the row above until the transaction ends. A statement of its own: the next one then sees what others committed. */
async function lockSiblings(db: Database, level: Level, id: string): Promise<void> {
  const { table, parent, above } = LEVELS[level]
  await db.query(
    `SELECT FROM ${above} WHERE id = (SELECT ${parent} FROM ${table} WHERE id = $1) FOR UPDATE`,
    [id],
  )
}

export interface CourseTotals {
  readonly courses: number
  readonly sections: number
  readonly lessons: number
  readonly written: number
}

/** How many rows of each level the caller may see, and how many lessons have a text. */
export async function countLevels(db: Database): Promise<CourseTotals> {
  const { rows } = await db.query<CourseTotals>(
    `SELECT (SELECT count(*)::int FROM courses) AS courses, (SELECT count(*)::int FROM sections) AS sections,
       count(*)::int AS lessons, count(content)::int AS written FROM lessons`,
  )
  return rows[0] as CourseTotals
}
