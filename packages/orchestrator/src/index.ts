export * from './catalogue.ts'
export { cancelJob, retryJob, type Cancellation } from './cancellation.ts'
export { closeClients, type Database, getPool, getRedis } from './clients.ts'
export { type Config, readConfig } from './config.ts'
export {
  addSection,
  countLevels,
  type CourseStructure,
  type CourseTotals,
  getCourseStructure,
  type Level,
  listSections,
  moveLevel,
  removeLevel,
  type Section,
  type SectionWithLessons,
} from './courses/levels.ts'
export {
  buildOutline,
  checkOutline,
  mergeTopics,
  type Outline,
  readTopics,
  type Topic,
} from './courses/outline.ts'
export {
  type Course,
  type CourseKey,
  type CourseStatus,
  createCourse,
  deleteCourse,
  findCourse,
  type Lesson,
  listCourses,
  listLessons,
  type NewCourse,
  replaceStructure,
  setCourseStatus,
  setLessonContent,
} from './courses/repository.ts'
export {
  JobCancelledError,
  JobNotFoundError,
  JobStateError,
  JobSupersededError,
  JobTimeoutError,
  ModelBusyError,
} from './errors.ts'
export {
  countJobs,
  type JobEvent,
  type JobFilter,
  type JobPage,
  listJobEvents,
  listJobs,
} from './jobs/job-history.ts'
export {
  createJobStatus,
  findJobStatus,
  type JobAttempt,
  type JobChange,
  type JobStatus,
  pruneJobStatus,
  saveJobState,
} from './jobs/job-status.ts'
export { isFinished, JOB_STATES, type JobState } from './jobs/states.ts'
export { migrate, MIGRATIONS_FOLDER } from './migrate.ts'
export {
  type GenerationOptions,
  type SourceDocument,
  startCourseGeneration,
  type StartedFlow,
  startLessons,
} from './pipeline.ts'
export {
  closeQueue,
  enqueueJob,
  type EnqueueOptions,
  getFlowProducer,
  getQueue,
  QUEUE_NAME,
} from './queue.ts'
export { type Organization, saveOrganization, withOrganization } from './tenancy.ts'
export { createTemplateModel, type TextModel, type TextRequest } from './text-model.ts'
export { type AppRouter, appRouter, createCaller } from './trpc/app-router.ts'
export type { Caller, MemberRole } from './trpc/trpc.ts'
export { type RunningWorker, startWorker, type WorkerSettings } from './worker.ts'
