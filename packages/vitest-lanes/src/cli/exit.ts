/** How a command ends. API: documented in docs/cli.md. */
export const EXIT = {
  /** All is well. */
  fine: 0,
  /** It worked, and the answer is no: a limit was passed, a check failed, a change was declined. */
  no: 1,
  /** It could not be done: an argument, a file or a configuration cannot be read. */
  error: 2,
  /** Ctrl-C or SIGTERM ended it; what was found until then has been told. */
  interrupted: 130,
} as const

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT]
