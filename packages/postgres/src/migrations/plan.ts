import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { LanesError } from '@vitest-lanes/core'
import type { MigrationFunction, MigrationStep, ResolvedOptions } from '../options.ts'
import { hashInputs } from './inputs.ts'
import { upOnly } from './sections.ts'

/** One thing to run while the template is built. */
export type PlanStep =
  | { readonly kind: 'sql'; readonly file: string; readonly text: string }
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'function'; readonly run: MigrationFunction }

/** All that makes the template, read and checked. */
export interface Plan {
  readonly steps: readonly PlanStep[]
  /** The same for the same result. `undefined` where nothing tells when a command or function has another one. */
  readonly hash: string | undefined
}

/** Raised when the same plan leads to another template. */
const PLAN_VERSION = 1

/**
 * Reads what `migrate`, `seed` and `inputs` name.
 * @throws LANES_OPTION_INVALID if there is no such path, no SQL file in it, or no file that `inputs` matches.
 */
export async function readPlan(
  options: Pick<ResolvedOptions, 'migrate' | 'seed' | 'inputs'>,
  root: string,
): Promise<Plan> {
  const steps: PlanStep[] = []
  for (const option of ['migrate', 'seed'] as const) {
    for (const step of options[option]) steps.push(...(await readStep(option, step, root)))
  }
  const inputs = options.inputs === undefined ? undefined : await hashInputs(options.inputs, root)
  const kept = inputs !== undefined || steps.every((step) => step.kind === 'sql')
  return { steps, hash: kept ? hashOf(steps, root, inputs) : undefined }
}

function hashOf(steps: readonly PlanStep[], root: string, inputs: string | undefined): string {
  const parts = steps.map((step) => {
    if (step.kind === 'sql') return [step.kind, step.file, step.text]
    // What a command or function does depends on the project that it is of.
    return [step.kind, root, step.kind === 'command' ? step.command : step.run.toString()]
  })
  return createHash('sha256')
    .update(JSON.stringify([PLAN_VERSION, parts, inputs]))
    .digest('hex')
    .slice(0, 16)
}

async function readStep(option: string, step: MigrationStep, root: string): Promise<PlanStep[]> {
  if (typeof step === 'function') return [{ kind: 'function', run: step }]
  if (typeof step === 'object') return [{ kind: 'command', command: step.command }]
  const target = path.resolve(root, step)
  const found = await stat(target).catch(() => undefined)
  if (found?.isDirectory() === true) return readFolder(option, step, target, root)
  if (found?.isFile() === true && target.endsWith('.sql')) return [await readSql(target, root)]
  if (/\s/.test(step) && !(await isMissingPath(step, root))) return [{ kind: 'command', command: step }]
  throw new LanesError(
    'LANES_OPTION_INVALID',
    `\`${option}\` of postgres() names ${step}, but there is no ${target}.`,
    {
      hint: `Paths count from Vitest's root. For a command of one word write { command: '${step}' }.`,
    },
  )
}

/** `./migrations/new files`, a path that is misspelt, must not end up in a shell; `./migrate.sh up` must. */
async function isMissingPath(step: string, root: string): Promise<boolean> {
  if (step.endsWith('.sql')) return true
  if (!/^\.{0,2}\//.test(step)) return false
  const first = step.split(/\s/)[0] ?? step
  return (await stat(path.resolve(root, first)).catch(() => undefined))?.isFile() !== true
}

async function readFolder(option: string, step: string, folder: string, root: string): Promise<PlanStep[]> {
  const names = (await readdir(folder, { recursive: true })).filter(isUpFile).sort(naturally)
  if (names.length === 0) {
    throw new LanesError(
      'LANES_OPTION_INVALID',
      `\`${option}\` of postgres() names ${step}, which holds no SQL file.`,
      {
        hint: 'Name the folder whose .sql files make the schema, or the command that does.',
      },
    )
  }
  return Promise.all(names.map((name) => readSql(path.join(folder, name), root)))
}

/** Not those that undo: `0001_users.down.sql`, `0001_users/down.sql`. */
function isUpFile(name: string): boolean {
  return name.endsWith('.sql') && !/(?:^|[/\\._-])(?:down|undo|rollback)\.sql$/i.test(name)
}

/** `2_users` before `10_posts`; the same on every machine. */
export function naturally(a: string, b: string): number {
  return COLLATOR.compare(a, b) || (a < b ? -1 : 1)
}

const COLLATOR = new Intl.Collator('en', { numeric: true })

async function readSql(file: string, root: string): Promise<PlanStep> {
  const text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '')
  return { kind: 'sql', file: path.relative(root, file) || file, text: upOnly(text) }
}
