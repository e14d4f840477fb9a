import type { JobType } from './catalogue.ts'
import type { JobHandler } from './context.ts'
import { finalizeCourse, generateText } from './handlers/lessons.ts'
import { runMaintenance } from './handlers/maintenance.ts'
import { analyseStructure, generateStructure, parseDocument } from './handlers/structure.ts'
import { runTestJob } from './handlers/test-job.ts'

/** What is done for each type of job. */
export const HANDLERS: { readonly [T in JobType]: JobHandler<T> } = {
  'document-parsing': parseDocument,
  'structure-analysis': analyseStructure,
  'structure-generation': generateStructure,
  'text-generation': generateText,
  finalization: finalizeCourse,
  maintenance: runMaintenance,
  test_job: runTestJob,
}
