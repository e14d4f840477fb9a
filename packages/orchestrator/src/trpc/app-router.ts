import { coursesRouter } from './courses-router.ts'
import { jobsRouter } from './jobs-router.ts'
import { createCallerFactory, router } from './trpc.ts'

export const appRouter = router({ jobs: jobsRouter, courses: coursesRouter })
export type AppRouter = typeof appRouter

/** Calls the router's procedures in this process, as the member given. */
export const createCaller = createCallerFactory(appRouter)
