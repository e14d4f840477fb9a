// Whether a worker may be spawned before its variables are known. Seen on 4.1.12 and 5.1.1.
import type { TestProject } from 'vitest/node'

/** Those of Vitest read no variables of ours; others may, before the worker copies them over its environment. */
const ENVIRONMENTS = new Set(['node', 'jsdom', 'happy-dom', 'edge-runtime'])
/** What runs, or reads, something when the process begins. */
const EAGER = /^(-r|--require|--import|--(experimental-)?loader|--env-file|--inspect|--(cpu|heap)?-?prof)/

/**
 * A worker learns `test.env` when it is given its file, before setup files. Nothing of the user's may look at the
 * environment earlier.
 */
export function mayBootAhead({ config }: TestProject, environment: string): boolean {
  const { runner, snapshotEnvironment, execArgv, inspector } = config
  const own = [...execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)]
  return (
    ENVIRONMENTS.has(environment) &&
    runner === undefined &&
    snapshotEnvironment === undefined &&
    inspector?.enabled !== true &&
    !own.some((option) => EAGER.test(option))
  )
}
