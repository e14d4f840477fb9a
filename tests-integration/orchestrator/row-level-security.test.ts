import {
  countLevels,
  createCourse,
  createJobStatus,
  findJobStatus,
  getPool,
  listCourses,
  replaceStructure,
  saveOrganization,
  setCourseStatus,
  withOrganization,
} from '@vitest-lanes/orchestrator'
import { beforeEach, describe, expect, test } from 'vitest'
import { createTestCourse, OTHER_ORGANIZATION, outlineOf, TEST_ORGANIZATION } from './support/fixtures.ts'
import { useDatabase } from './support/orchestrator.ts'

useDatabase()

const own = TEST_ORGANIZATION.id
const other = OTHER_ORGANIZATION.id

describe('row-level security', () => {
  let ownCourse: string
  let otherCourse: string

  beforeEach(async () => {
    ownCourse = (await createTestCourse('own')).id
    otherCourse = (await createTestCourse('other', OTHER_ORGANIZATION)).id
    await replaceStructure(getPool(), { organizationId: own, courseId: ownCourse }, outlineOf(2))
    await replaceStructure(getPool(), { organizationId: other, courseId: otherCourse }, outlineOf(1, 1, 1))
  })

  test('binds the role that the application works as', async () => {
    const { rows } = await withOrganization(own, (db) =>
      db.query(
        `SELECT current_user AS "user", rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user`,
      ),
    )

    expect(rows).toEqual([{ user: 'app_user', rolsuper: false, rolbypassrls: false }])
  })

  test('shows a tenant its own courses alone', async () => {
    const courses = await withOrganization(own, listCourses)

    expect(courses.map((course) => course.id)).toEqual([ownCourse])
    expect(await listCourses(getPool())).toHaveLength(2)
  })

  test('shows a tenant its own levels alone', async () => {
    expect(await withOrganization(own, countLevels)).toEqual({
      courses: 1,
      sections: 1,
      lessons: 2,
      written: 0,
    })
    expect(await withOrganization(other, countLevels)).toEqual({
      courses: 1,
      sections: 3,
      lessons: 3,
      written: 0,
    })
  })

  test('shows nothing to a role that has set no organization', async () => {
    const client = await getPool().connect()
    try {
      await client.query('SET ROLE app_user')
      expect(await listCourses(client)).toEqual([])
    } finally {
      await client.query('RESET ROLE')
      client.release()
    }
  })

  test("does not let a tenant insert another's course", async () => {
    const insert = withOrganization(own, (db) =>
      createCourse(db, { organizationId: other, slug: 'x', title: 'X' }),
    )

    await expect(insert).rejects.toThrow('new row violates row-level security policy for table "courses"')
  })

  test("does not let a tenant change or delete another's course", async () => {
    const deleted = await withOrganization(own, async (db) => {
      await setCourseStatus(db, otherCourse, 'failed')
      return db.query('DELETE FROM courses WHERE id = $1', [otherCourse])
    })

    expect(deleted.rowCount).toBe(0)
    const { rows } = await getPool().query('SELECT status FROM courses WHERE id = $1', [otherCourse])
    expect(rows).toEqual([{ status: 'draft' }])
  })

  test("does not let a tenant hang a level under another's course", async () => {
    const replace = withOrganization(own, (db) =>
      replaceStructure(db, { organizationId: own, courseId: otherCourse }, outlineOf(1)),
    )

    await expect(replace).rejects.toThrow('violates foreign key constraint')
  })

  test("does not let a tenant give a course away, or take another's", async () => {
    const give = withOrganization(own, (db) => db.query('UPDATE courses SET organization_id = $1', [other]))

    await expect(give).rejects.toThrow('new row violates row-level security policy for table "courses"')
    const taken = await withOrganization(own, (db) =>
      db.query('UPDATE courses SET organization_id = $1 WHERE id = $2', [own, otherCourse]),
    )
    expect(taken.rowCount).toBe(0)
  })

  test('lets a tenant read the state of its jobs, and not write it', async () => {
    await createJobStatus(getPool(), {
      jobId: '1',
      type: 'test_job',
      organizationId: own,
      courseId: ownCourse,
      attempt: 0,
      maxAttempts: 1,
    })

    expect(await withOrganization(own, (db) => findJobStatus(db, '1'))).toMatchObject({ state: 'waiting' })
    expect(await withOrganization(other, (db) => findJobStatus(db, '1'))).toBeUndefined()
    const write = withOrganization(own, (db) => db.query(`UPDATE job_status SET state = 'completed'`))
    await expect(write).rejects.toThrow('permission denied for table job_status')
  })

  test('ends with the transaction, also on a connection that is used again', async () => {
    await saveOrganization(getPool(), { ...TEST_ORGANIZATION, name: 'Renamed' })
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => withOrganization(index % 2 ? own : other, listCourses)),
    )

    const { rows } = await getPool().query<{ name: string }>(
      `SELECT current_setting('app.organization_id', true) AS setting, count(*)::int AS courses FROM courses`,
    )

    expect(rows).toEqual([{ setting: expect.toBeOneOf([null, '']), courses: 2 }])
  })
})
