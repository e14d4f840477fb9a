import { findFailurePatterns } from '@vitest-lanes/orchestrator/failure-patterns'
import { describe, expect, test } from 'vitest'

const stack =
  '\n    at waitForJobState (/repo/tests-integration/orchestrator/support/wait.ts:22:13)\n    at processTicks'

const said = {
  gone: `Error: Timeout waiting for job 2 to reach state(s): completed, failed. Current state: not found in DB${stack}`,
  notFound: `TRPCError: Job 1 not found${stack}`,
  stuck: `Error: Timeout waiting for job 2 to reach state(s): completed. Current state: active${stack}`,
  course: `Error: Timeout waiting for course 7d7c0fca to be ready or failed${stack}`,
  constraint: `error: insert or update on table "job_status" violates foreign key constraint "job_status_organization_id_fkey"${stack}`,
  refused: `Error: Cannot obliterate non-paused queue${stack}`,
  assertion: `AssertionError: expected [ '2', '3' ] to deeply equal [ '1', '2' ]\n\n- Expected\n+ Received${stack}`,
}

describe('the failure patterns of a run', () => {
  test.each([
    ['a row that is gone', said.gone, 'not found in DB', 'deleted all rows'],
    ['a job that the API does not find', said.notFound, 'TRPCError', 'DELETE'],
    [
      'a job not found where another error was expected',
      `Error: expected x but got 'Job 3 not found'`,
      'TRPCError',
      'DELETE',
    ],
    ['a job that stays as it is', said.stuck, 'active', 'obliterate'],
    ['a course that is never ready', said.course, 'active', 'obliterate'],
    ['a row that another file deleted', said.constraint, 'constraint', 'fixed rows'],
    ['a queue that is paused by two', said.refused, 'BullMQ', 'obliterate'],
    ['an assertion on what others did', said.assertion, 'Assertion', 'same id'],
  ])('include %s, with its true cause', (_, message, label, cause) => {
    const [found, ...others] = findFailurePatterns([message])

    expect(others).toEqual([])
    expect(found?.count).toBe(1)
    expect(found?.pattern).toContain(label)
    expect(found?.trueCause).toContain(cause)
  })

  test('are counted, the most frequent first', () => {
    const found = findFailurePatterns([
      said.stuck,
      said.gone,
      said.gone,
      said.assertion,
      said.gone,
      said.assertion,
    ])

    expect(found.map(({ count }) => count)).toEqual([3, 2, 1])
    expect(found[0]?.pattern).toContain('not found in DB')
  })

  test('give the first line of the first failure as the example, without its stack', () => {
    const [found] = findFailurePatterns([said.notFound, said.notFound.replace('Job 1', 'Job 9')])

    expect(found?.example).toBe('TRPCError: Job 1 not found')
  })

  test('leave out what is of no known pattern', () => {
    expect(findFailurePatterns(['ReferenceError: x is not defined', ''])).toEqual([])
  })

  test('are none for a run without failures', () => {
    expect(findFailurePatterns([])).toEqual([])
  })
})
