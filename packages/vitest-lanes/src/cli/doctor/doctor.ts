import { resolve } from 'node:path'
import { EXIT } from '../exit.ts'
import type { ExitStatus } from '../exit.ts'
import type { Terminal } from '../terminal.ts'
import { isExtendedByNone, openVitest, previewOf } from '../vitest-of.ts'
import { advice, fine, problem } from './check.ts'
import type { Check } from './check.ts'
import { machineChecks } from './machine.ts'
import { providerChecks } from './providers.ts'

export interface DoctorOptions {
  readonly root: string
  readonly config?: string
  readonly servers: boolean
  readonly json: boolean
}

const COLOURS = { fine: 'green', advice: 'yellow', problem: 'red' } as const

/** `vitest-lanes doctor`: what runs need, line by line. */
export async function doctor(options: DoctorOptions, terminal: Terminal): Promise<ExitStatus> {
  const checks = [...(await machineChecks(resolve(options.root))), ...(await vitestChecks(options))]
  if (options.json) terminal.print(JSON.stringify({ version: 1, checks }, undefined, 2))
  else for (const check of checks) terminal.print(line(check, terminal))
  return checks.some(({ state }) => state === 'problem') ? EXIT.no : EXIT.fine
}

async function vitestChecks(options: DoctorOptions): Promise<Check[]> {
  const { version } = await import('vitest/node')
  const checks: Check[] = [fine('Vitest', version)]
  try {
    const vitest = await openVitest(options)
    try {
      const specs = await vitest.globTestSpecifications()
      const preview = await previewOf(vitest, specs)
      if (preview === undefined)
        return [
          ...checks,
          isExtendedByNone(vitest)
            ? problem(
                'plugin',
                'lanes() is in the root configuration, and no project extends it',
                'Let each project say `extends: true`, or add lanes() to the configuration of each.',
              )
            : problem(
                'plugin',
                'lanes() with resources or files is not in the configuration',
                '`npx vitest-lanes init` proposes a change.',
              ),
        ]
      const { lanes, files, others, globFaults = [] } = preview
      checks.push(fine('plugin', `${files.length} files in lanes, ${others} outside`))
      checks.push(
        lanes > 1
          ? fine('lanes', String(lanes))
          : advice(
              'lanes',
              'one: files run one at a time',
              'Take `fileParallelism: false` or `maxWorkers: 1` out of the configuration.',
            ),
      )
      for (const fault of globFaults) checks.push(advice('files', fault, 'Mend it, or take it out.'))
      if (options.servers) checks.push(...(await providerChecks(preview, vitest.config.root)))
      return checks
    } finally {
      await vitest.close()
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return [
      ...checks,
      problem('configuration', firstLines(message), 'Mend it first: Vitest itself cannot read it.'),
    ]
  }
}

/** What bundlers say first is that there is an error. */
function firstLines(message: string): string {
  return message
    .split('\n')
    .filter((each) => each.trim() !== '')
    .slice(0, 3)
    .join(' ')
}

function line({ name, state, text, todo }: Check, terminal: Terminal): string {
  const mark = terminal.style(COLOURS[state], state.padEnd(7))
  const arrow = todo === undefined ? '' : `\n${' '.repeat(8)}→ ${todo}`
  return `${mark} ${name}: ${text}${arrow}`
}
