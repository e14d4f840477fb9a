import { asGiven, orderFiles } from '../search.ts'
import { createState, type AdmissionState } from './state.ts'
import type { AdmissionOptions } from './types.ts'

/** The state before any file has come. */
export function createAdmission(options: AdmissionOptions): AdmissionState {
  return createState(options, options.order === 'given' ? asGiven : orderFiles)
}
