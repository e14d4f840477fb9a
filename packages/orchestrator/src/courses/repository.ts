import type { Database } from '../clients.ts'
import { checkOutline, type Outline } from './outline.ts'

export const COURSE_STATUSES = ['draft', 'generating', 'ready', 'failed'] as const
export type CourseStatus = (typeof COURSE_STATUSES)[number]

export interface Course {
  readonly id: string
  readonly organizationId: string
  readonly slug: string
  readonly title: string
  readonly language: string
  readonly status: CourseStatus
}

export interface Lesson {
  readonly id: string
  readonly sectionId: string
  readonly position: number
  readonly title: string
  readonly content: string | null
}

export interface NewCourse {
  readonly organizationId: string
  readonly slug: string
  readonly title: string
  readonly language?: string
}

/** Which course, and whose: rows below a course carry its organization. */
export interface CourseKey {
  readonly organizationId: string
  readonly courseId: string
}

const COURSE_COLUMNS = 'id, organization_id AS "organizationId", slug, title, language, status'

export async function createCourse(db: Database, course: NewCourse): Promise<Course> {
  const { rows } = await db.query<Course>(
    `INSERT INTO courses (organization_id, slug, title, language) VALUES ($1, $2, $3, $4) RETURNING ${COURSE_COLUMNS}`,
    [course.organizationId, course.slug, course.title, course.language ?? 'en'],
  )
  return rows[0] as Course
}

export async function findCourse(db: Database, courseId: string): Promise<Course | undefined> {
  const { rows } = await db.query<Course>(`SELECT ${COURSE_COLUMNS} FROM courses WHERE id = $1`, [courseId])
  return rows[0]
}

/** All courses that the caller may see, the oldest first. */
export async function listCourses(db: Database): Promise<Course[]> {
  const { rows } = await db.query<Course>(`SELECT ${COURSE_COLUMNS} FROM courses ORDER BY created_at, id`)
  return rows
}

export async function setCourseStatus(db: Database, courseId: string, status: CourseStatus): Promise<void> {
  await db.query('UPDATE courses SET status = $2 WHERE id = $1', [courseId, status])
}

/** Deletes a course with all its levels; false if there was none. */
export async function deleteCourse(db: Database, courseId: string): Promise<boolean> {
  const { rowCount } = await db.query('DELETE FROM courses WHERE id = $1', [courseId])
  return rowCount === 1
}

/** Replaces all levels below a course, in one statement. @throws if the outline is not valid. */
export async function replaceStructure(db: Database, key: CourseKey, outline: Outline): Promise<void> {
  const { sections } = checkOutline(outline)
  await db.query(
    `WITH gone AS (DELETE FROM sections WHERE course_id = $2),
     made AS (
       INSERT INTO sections (organization_id, course_id, position, title)
       SELECT $1, $2, number, section ->> 'title'
       FROM jsonb_array_elements($3::jsonb) WITH ORDINALITY AS outline (section, number)
       RETURNING id, position)
     INSERT INTO lessons (organization_id, section_id, position, title)
     SELECT $1, made.id, lesson_number, lesson ->> 'title'
     FROM jsonb_array_elements($3::jsonb) WITH ORDINALITY AS outline (section, number)
     JOIN made ON made.position = outline.number,
     jsonb_array_elements(section -> 'lessons') WITH ORDINALITY AS lessons (lesson, lesson_number)`,
    [key.organizationId, key.courseId, JSON.stringify(sections)],
  )
}

/** All lessons of a course, in the order in which they are read. */
export async function listLessons(db: Database, courseId: string): Promise<Lesson[]> {
  const { rows } = await db.query<Lesson>(
    `SELECT lessons.id, section_id AS "sectionId", lessons.position, lessons.title, content
     FROM lessons JOIN sections ON sections.id = section_id
     WHERE course_id = $1 ORDER BY sections.position, lessons.position`,
    [courseId],
  )
  return rows
}

/** Stores a lesson's text. @throws if the lesson is gone. */
export async function setLessonContent(db: Database, lessonId: string, content: string): Promise<void> {
  const { rowCount } = await db.query('UPDATE lessons SET content = $2 WHERE id = $1', [lessonId, content])
  if (rowCount === 0) throw new Error(`Lesson ${lessonId} not found`)
}
