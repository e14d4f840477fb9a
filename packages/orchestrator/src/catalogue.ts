export {
  CATALOGUE,
  isJobType,
  JOB_TYPES,
  type JobData,
  type JobInput,
  type JobType,
  parseJobData,
  PRIORITIES,
  type Priority,
} from './jobs/catalogue.ts'
