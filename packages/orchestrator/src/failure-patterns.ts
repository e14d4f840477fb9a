/** A way in which tests fail when their files share servers, and how often a run showed it. */
export interface FailurePattern {
  /** What the failed test says, with the numbers taken out: a short label. */
  readonly pattern: string
  /** What really happened, in one sentence. */
  readonly trueCause: string
  /** How many messages say so. */
  readonly count: number
  /** The first line that one of them said. */
  readonly example: string
}

interface KnownPattern {
  readonly pattern: string
  readonly trueCause: string
  readonly matches: RegExp
}

// In the order in which they are tried: a message counts for the first that it matches.
const KNOWN: readonly KnownPattern[] = [
  {
    pattern: 'Timeout waiting for job N … not found in DB',
    trueCause: "another file's clean-up deleted all rows of job_status, this job's among them",
    matches: /^Error: Timeout waiting for job \S+ to reach .*Current state: not found in DB/,
  },
  {
    pattern: 'TRPCError: Job N not found',
    trueCause: "the row that the API looks up was deleted by another file's table-wide DELETE",
    matches: /^TRPCError: Job \S+ not found|but got 'Job \S+ not found'/,
  },
  {
    pattern: 'Timeout waiting … job N stays active or waiting',
    trueCause: "another file's obliterate() destroyed the job, or another file's worker took it",
    matches: /^Error: Timeout waiting for /,
  },
  {
    pattern: 'Database constraint violated',
    trueCause: 'files use the same fixed rows: one deleted or inserted what another relies on',
    matches: /violates (foreign key|unique|check) constraint|deadlock detected/,
  },
  {
    pattern: 'BullMQ refuses: Missing key for job N, cannot obliterate',
    trueCause: "two files' clean-ups met in one queue: obliterate() pauses it, then deletes its keys",
    matches: /Missing (key|lock) for job|Cannot obliterate|Lock mismatch/,
  },
  {
    pattern: 'Assertion on rows, ids, counts or order',
    trueCause: "another file's worker ran the job, or the test read another file's rows under the same id",
    matches: /^(AssertionError|TRPCError|JobStateError|JobNotFoundError)\b|^Error: There is no /,
  },
]

/**
 * Finds the known patterns among the messages of failed tests.
 * @param failureMessages as Vitest's JSON reporter gives them for each failed test (`failureMessages`)
 * @returns those that were seen, the most frequent first; messages of no known pattern are left out
 */
export function findFailurePatterns(failureMessages: readonly string[]): FailurePattern[] {
  const firstLines = failureMessages.map((message) => message.trimStart().split('\n', 1)[0] ?? '')
  return KNOWN.map(({ pattern, trueCause }) => {
    const seen = firstLines.filter((line) => classify(line)?.pattern === pattern)
    return { pattern, trueCause, count: seen.length, example: seen[0] ?? '' }
  })
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count)
}

function classify(line: string): KnownPattern | undefined {
  return KNOWN.find(({ matches }) => matches.test(line))
}
