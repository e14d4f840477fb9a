import { initTRPC, TRPCError } from '@trpc/server'
import { ZodError } from 'zod'
import { JobNotFoundError, JobStateError } from '../errors.ts'

export const MEMBER_ROLES = ['viewer', 'author', 'admin'] as const
export type MemberRole = (typeof MEMBER_ROLES)[number]

/** Who calls: set by the server from the session, never by the caller. */
export interface Caller {
  readonly organizationId: string
  readonly memberId: string
  readonly role: MemberRole
}

const t = initTRPC.context<Caller>().create()

export const router = t.router
export const createCallerFactory = t.createCallerFactory

/** Turns the application's errors into the codes that a client understands. */
const withErrorCodes = t.middleware(async ({ next }) => {
  const result = await next()
  if (result.ok) return result
  const { cause } = result.error
  if (cause instanceof JobNotFoundError)
    throw new TRPCError({ code: 'NOT_FOUND', message: cause.message, cause })
  if (cause instanceof JobStateError) throw new TRPCError({ code: 'CONFLICT', message: cause.message, cause })
  if (cause instanceof ZodError) throw new TRPCError({ code: 'BAD_REQUEST', message: cause.message, cause })
  return result
})

const atLeast = (role: MemberRole) =>
  t.middleware(({ ctx, next }) => {
    if (MEMBER_ROLES.indexOf(ctx.role) < MEMBER_ROLES.indexOf(role)) {
      throw new TRPCError({ code: 'FORBIDDEN', message: `This needs the role ${role}` })
    }
    return next()
  })

/** For everyone of the organization. */
export const viewerProcedure = t.procedure.use(withErrorCodes)
/** For those who make courses. */
export const authorProcedure = viewerProcedure.use(atLeast('author'))
/** For those who run the organization. */
export const adminProcedure = viewerProcedure.use(atLeast('admin'))
