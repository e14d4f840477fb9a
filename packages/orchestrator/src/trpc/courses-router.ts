import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import { countLevels, getCourseStructure, moveLevel } from '../courses/levels.ts'
import { createCourse, findCourse, listCourses } from '../courses/repository.ts'
import { documentParsing, structureGeneration } from '../jobs/schemas.ts'
import { startCourseGeneration } from '../pipeline.ts'
import { withOrganization } from '../tenancy.ts'
import { authorProcedure, router, viewerProcedure } from './trpc.ts'

const courseId = z.object({ courseId: z.uuid() })

const newCourse = z.object({
  slug: z.string().regex(/^[a-z0-9-]{1,80}$/),
  title: z.string().trim().min(1).max(200),
  language: z.string().length(2).optional(),
})

const generateInput = courseId.extend({
  documents: z.array(documentParsing.shape.document).min(1).max(20),
  lessonsPerSection: structureGeneration.shape.lessonsPerSection,
})

export const coursesRouter = router({
  create: authorProcedure.input(newCourse).mutation(({ ctx, input }) => {
    const { slug, title, language = 'en' } = input
    return withOrganization(ctx.organizationId, (db) =>
      createCourse(db, { organizationId: ctx.organizationId, slug, title, language }),
    )
  }),

  list: viewerProcedure.query(({ ctx }) => withOrganization(ctx.organizationId, listCourses)),

  totals: viewerProcedure.query(({ ctx }) => withOrganization(ctx.organizationId, countLevels)),

  structure: viewerProcedure.input(courseId).query(async ({ ctx, input }) => {
    const structure = await withOrganization(ctx.organizationId, (db) =>
      getCourseStructure(db, input.courseId),
    )
    return structure ?? notFound(input.courseId)
  }),

  move: authorProcedure
    .input(z.object({ level: z.enum(['sections', 'lessons']), id: z.uuid(), position: z.int().min(1) }))
    .mutation(({ ctx, input }) =>
      withOrganization(ctx.organizationId, (db) => moveLevel(db, input.level, input.id, input.position)),
    ),

  generate: authorProcedure.input(generateInput).mutation(async ({ ctx, input }) => {
    const course = await withOrganization(ctx.organizationId, (db) => findCourse(db, input.courseId))
    if (!course) return notFound(input.courseId)
    const key = { organizationId: ctx.organizationId, courseId: course.id }
    return startCourseGeneration(key, input.documents, { lessonsPerSection: input.lessonsPerSection })
  }),
})

function notFound(id: string): never {
  throw new TRPCError({ code: 'NOT_FOUND', message: `Course ${id} not found` })
}
