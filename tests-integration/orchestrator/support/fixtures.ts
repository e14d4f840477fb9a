import {
  type Caller,
  type Course,
  createCaller,
  createCourse,
  enqueueJob,
  type EnqueueOptions,
  getPool,
  getQueue,
  type JobInput,
  type MemberRole,
  type Organization,
  type Outline,
  saveOrganization,
} from '@vitest-lanes/orchestrator'

export const TEST_ORGANIZATION: Organization = {
  id: '00000000-0000-4000-8000-000000000001',
  name: 'Test University',
  slug: 'test-university',
}

export const OTHER_ORGANIZATION: Organization = {
  id: '00000000-0000-4000-8000-000000000002',
  name: 'Other Academy',
  slug: 'other-academy',
}

/** What each test finds: two organizations, and nothing else. */
export async function seedOrganizations(): Promise<void> {
  await saveOrganization(getPool(), TEST_ORGANIZATION)
  await saveOrganization(getPool(), OTHER_ORGANIZATION)
}

/** Empties the queue and the tables. */
export async function cleanupAfterTest(): Promise<void> {
  await getQueue().obliterate({ force: true })
  await cleanupDatabase()
}

export async function cleanupDatabase(): Promise<void> {
  await getPool().query('DELETE FROM job_status')
  await getPool().query('DELETE FROM courses')
  await getPool().query('DELETE FROM organizations')
}

export type TestJobFields = Partial<JobInput<'test_job'>>

/** Adds a job that takes its steps and returns its message. */
export function addTestJob(fields: TestJobFields = {}, options: EnqueueOptions = {}): Promise<string> {
  return enqueueJob('test_job', { organizationId: TEST_ORGANIZATION.id, ...fields }, options)
}

/** Adds so many of them, one after the other; returns their ids in that order. */
export async function addTestJobs(count: number, fields: TestJobFields = {}, options: EnqueueOptions = {}) {
  const ids: string[] = []
  for (let index = 0; index < count; index += 1) ids.push(await addTestJob(fields, options))
  return ids
}

export function createTestCourse(
  slug = 'biology',
  organization: Organization = TEST_ORGANIZATION,
): Promise<Course> {
  const title = slug.replaceAll('-', ' ')
  return createCourse(getPool(), { organizationId: organization.id, slug, title })
}

/** Sections named A, B, … with so many lessons each. */
export function outlineOf(...lessonCounts: number[]): Outline {
  return {
    sections: lessonCounts.map((count, section) => {
      const title = String.fromCodePoint(65 + section)
      return {
        title,
        lessons: Array.from({ length: count }, (_, lesson) => ({ title: `${title}${lesson + 1}` })),
      }
    }),
  }
}

/** The API as a member of an organization sees it. */
export function callAs(role: MemberRole = 'author', organization: Organization = TEST_ORGANIZATION) {
  const caller: Caller = { organizationId: organization.id, memberId: `${role}@${organization.slug}`, role }
  return createCaller(caller)
}
