import { LanesError } from '@vitest-lanes/core'
import type { DatabaseAddress } from '../address.ts'
import type { Session } from '../sql/session.ts'
import type { PlanStep } from './plan.ts'
import { runCommand } from './run-command.ts'
import { runSql } from './run-sql.ts'

export interface PlanTarget {
  readonly address: DatabaseAddress
  /** Variables for commands. */
  readonly env: Readonly<Record<string, string>>
  readonly root: string
  /** Opens a session on the database. */
  connect(): Promise<Session>
  /** A session for each SQL file: where what a session begins with cannot be had back. */
  readonly sessionEach?: boolean
}

/**
 * Runs the steps in their order, in one database.
 * @throws LANES_MIGRATION
 */
export async function runPlan(steps: readonly PlanStep[], target: PlanTarget): Promise<void> {
  for (const run of target.sessionEach === true ? steps.map(alone) : groupSql(steps)) {
    if (Array.isArray(run)) {
      const session = await target.connect()
      try {
        for (const step of run) await runSql(session, step.file, step.text)
      } finally {
        await session.end()
      }
    } else if (run.kind === 'command') {
      await runCommand(run.command, {
        cwd: target.root,
        env: target.env,
        secret: target.address.password,
      })
    } else {
      await runFunction(run, target.address)
    }
  }
}

type SqlStep = Extract<PlanStep, { kind: 'sql' }>
type OtherStep = Exclude<PlanStep, SqlStep>

const alone = (step: PlanStep): SqlStep[] | OtherStep => (step.kind === 'sql' ? [step] : step)

/** Neighbouring SQL files share a session. */
function groupSql(steps: readonly PlanStep[]): (SqlStep[] | OtherStep)[] {
  const groups: (SqlStep[] | OtherStep)[] = []
  for (const step of steps) {
    const last = groups.at(-1)
    if (step.kind !== 'sql') groups.push(step)
    else if (Array.isArray(last)) last.push(step)
    else groups.push([step])
  }
  return groups
}

async function runFunction(
  step: Extract<PlanStep, { kind: 'function' }>,
  address: DatabaseAddress,
): Promise<void> {
  try {
    await step.run(address)
  } catch (cause) {
    const name = step.run.name === '' ? 'A migration function' : `The migration function \`${step.run.name}\``
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new LanesError('LANES_MIGRATION', `${name} failed: ${said}`, { cause })
  }
}
