import { fileKey } from '@vitest-lanes/core'
import type { SplitHistory } from '@vitest-lanes/core'
import type { TestSpecification } from 'vitest/node'
import type { ClaimTable } from './claims.ts'
import type { HistoryFile } from '../run/history.ts'
import type { PlannedFile } from '../run/run.ts'
import { fromRoot } from './path.ts'
import type { Projects } from './projects.ts'
import { readTestFile } from './test-file.ts'
import { globsWithoutFiles } from './unmatched.ts'

export interface PlannedSpec extends PlannedFile {
  readonly spec: TestSpecification
  /** As `fileKey` has it. */
  readonly id: string
  /** What is known of running it in parts. */
  readonly split: SplitHistory | undefined
  /** Why it must not, by its text. */
  readonly whole: string | undefined
}

export interface PlannerOptions {
  readonly root: string
  readonly claims: ClaimTable
  readonly projects: Projects
  readonly history: HistoryFile
  readonly warn: (line: string) => void
}

/** Finds out what is known of files before they run. */
export class Planner {
  readonly #options: PlannerOptions
  #checkedGlobs = false

  constructor(options: PlannerOptions) {
    this.#options = options
  }

  /** Claims, estimate and what happened last, in the order of the files. */
  async plan(specs: readonly TestSpecification[]): Promise<PlannedSpec[]> {
    const { root, projects, history } = this.#options
    const estimator = await history.read()
    return Promise.all(
      specs.map(async (spec) => {
        const { project, moduleId } = spec
        const file = fromRoot(root, moduleId)
        const { tags, size, content, whole } = await readTestFile(moduleId)
        const known = { file, project: project.name, size, content }
        const plan: PlannedFile = {
          file,
          content,
          project: project.name,
          claims: projects.claimsOf(project, moduleId, tags),
          estimate: estimator.estimate(known),
          failedLast: estimator.failedLast(known),
        }
        return { spec, id: fileKey(plan), split: estimator.split(known), whole, ...plan }
      }),
    )
  }

  /** Warns of globs that match no file at all; once. */
  async checkGlobs(specs: readonly TestSpecification[]): Promise<void> {
    if (this.#checkedGlobs) return
    this.#checkedGlobs = true
    for (const text of await this.globFaults(specs)) this.#options.warn(text)
  }

  /** What is said of globs that match no file. */
  async globFaults(specs: readonly TestSpecification[]): Promise<string[]> {
    const { root, claims } = this.#options
    const unmatched = claims.unmatched(specs.map(({ moduleId }) => fromRoot(root, moduleId)))
    const globs = await globsWithoutFiles(root, unmatched)
    return globs.map((glob) => `\`files['${glob}']\` matches no file. Globs start at ${root}.`)
  }
}
