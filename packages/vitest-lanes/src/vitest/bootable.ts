// Whether a worker may be spawned before its variables are known. Seen on 4.1.12 and 5.1.1.
import type { TestProject } from 'vitest/node'

/** Those of Vitest read no variables of ours; others may, before the worker copies them over its environment. */
const ENVIRONMENTS = new Set(['node', 'jsdom', 'happy-dom', 'edge-runtime'])
/** Options for Node.js by which something runs, or is read, when the process begins. */
const EAGER =
  /(^|[\s"'])(-r\b|--(require|import|env-file|inspect|prof|(experimental-)?loader|(cpu|heap)-prof))/
/** Variables that Node.js, or a library in it, reads only then. */
const EARLY = /^(NODE_(?!OPTIONS$)|UV_|V8_|LD_|DYLD_|SSL_|OPENSSL_|ICU_)/

/** What of the configuration has no type in one of the two versions. */
interface Untyped {
  readonly experimental?: { readonly openTelemetry?: { readonly enabled?: unknown } | undefined }
}

/**
 * A worker learns `test.env` when it is given its file, before setup files. Nothing of the user's may look at the
 * environment earlier.
 */
export function mayBootAhead({ config }: TestProject, environment: string): boolean {
  const { runner, snapshotEnvironment, execArgv, inspector } = config
  return (
    ENVIRONMENTS.has(environment) &&
    runner === undefined &&
    snapshotEnvironment === undefined &&
    inspector?.enabled !== true &&
    !(config as Untyped).experimental?.openTelemetry?.enabled &&
    !EAGER.test(execArgv.join(' '))
  )
}

/**
 * Whether that holds for these variables, too.
 * @param nodeOptions those for Node.js, without ours
 */
export function mayArriveLate(nodeOptions: string, env: Readonly<Record<string, string>>): boolean {
  return !EAGER.test(nodeOptions) && !Object.keys(env).some((name) => EARLY.test(name))
}
