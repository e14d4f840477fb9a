export { duration } from './duration.ts'
export { summary } from './summary.ts'
