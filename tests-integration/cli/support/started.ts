import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { processesOf } from '../../support/processes.ts'
import type { LiveProcess } from '../../support/processes.ts'
import type { Project } from '../../support/project.ts'
import { startProcess } from '../../support/vitest-process.ts'
import type { VitestProcess } from '../../support/vitest-process.ts'

const MAIN = fileURLToPath(new URL('../../../packages/vitest-lanes/dist/cli/main.js', import.meta.url))

/** A `vitest-lanes` that has not ended yet, or has left something behind. */
export interface StartedCommand extends VitestProcess {
  /** Processes that it has started and that live, itself included. */
  processes(): Promise<readonly LiveProcess[]>
}

/** Starts `vitest-lanes` in a project. */
export function startCommand(
  project: Project,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): StartedCommand {
  const marker = randomUUID()
  const child = startProcess(process.execPath, [MAIN, ...args], {
    cwd: project.root,
    marker,
    env: { VITEST_LANES_TEST_EVENTS: join(project.root, 'events.jsonl'), ...env },
  })
  onTestFinished(async () => {
    child.end()
    // Whatever it has left, should the test have failed for that.
    for (const { pid } of await processesOf(marker)) process.kill(pid, 'SIGKILL')
  })
  return { ...child, processes: () => processesOf(marker) }
}
