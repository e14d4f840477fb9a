// What we set in Vitest's resolved configuration from `configureVitest`. The fields are public, that setting them this
// late has an effect is not: seen on 4.1.12 and 5.1.1. The pool is chosen when files are globbed, reporters and tags
// are made after the hook, the sequencer when the first run starts, workers are counted after each `sort()`.
import { ALONE, SEQUENTIAL } from '@vitest-lanes/core'
import type {
  PoolOptions,
  PoolWorker,
  TestProject,
  TestSequencerConstructor,
  TestSpecification,
  Vitest,
} from 'vitest/node'
import { UNSPLIT } from '../files/split-text.ts'

type Reporters = Vitest['config']['reporters']

/** Gives the project's files to our pool. */
export function takePool(
  project: TestProject,
  runner: { name: string; createPoolWorker(options: PoolOptions): PoolWorker },
): void {
  project.config.pool = runner.name
  project.config.poolRunner = runner
}

/** Wraps the sequencer; it can only be set at the root. */
export function setSequencer(
  vitest: Vitest,
  wrap: (chosen: TestSequencerConstructor) => TestSequencerConstructor,
): void {
  vitest.config.sequence.sequencer = wrap(vitest.config.sequence.sequencer)
}

export function addReporter(vitest: Vitest, reporter: Reporters[number]): void {
  vitest.config.reporters.push(reporter)
  // A private field (4.1.12, 5.1.1), which has something in it where the hook is long over.
  const { reporters } = vitest as unknown as { reporters?: unknown[] }
  reporters?.push(reporter)
}

/** Registers what files can claim as tags: with `strictTags` an unknown one is an error. */
export function addTags(project: TestProject, resources: Iterable<string>): void {
  const tags = (project.config.tags ??= [])
  const add = (name: string, description: string): void => {
    if (!tags.some((tag) => tag.name === name)) tags.push({ name, description })
  }
  for (const name of resources) {
    add(name, `Claims the resource \`${name}\`: each such file has an instance to itself`)
    add(`${name}/exclusive`, `The same as \`${name}\``)
    add(`${name}/shared`, `Shares an instance of \`${name}\` with other files that do`)
  }
  add(SEQUENTIAL, 'Files with this tag run one at a time, beside the others')
  add(ALONE, 'A file with this tag runs with nothing else')
  add(UNSPLIT, 'A file with this tag is never run in parts')
}

/**
 * Lets Vitest hand over all files at once, in one group, so that we decide which of them runs. Vitest puts a project
 * with one worker into a group of its own, and refuses a group whose projects count their workers differently: where
 * others (a browser project) are in the group, ours go into one after it.
 */
export function raiseMaxWorkers(
  projects: ReadonlySet<TestProject>,
  specs: readonly TestSpecification[],
): void {
  const others = specs.filter(({ project, pool }) => !projects.has(project) && pool !== 'typescript')
  const taken = new Set(others.map(({ project }) => project.config.sequence.groupOrder))
  const free = Math.max(0, ...specs.map(({ project }) => project.config.sequence.groupOrder)) + 1
  for (const project of projects) {
    project.config.maxWorkers = Math.max(specs.length, 2)
    if (taken.has(project.config.sequence.groupOrder)) project.config.sequence.groupOrder = free
  }
}

/** Whether coverage is on now: `enableCoverage()` leaves the configuration as it was (a private field of 4.1.12, 5.1.1). */
export function measuresCoverage(vitest: Vitest): boolean {
  const { _coverageOptions: now } = vitest as unknown as { _coverageOptions?: { enabled?: boolean } }
  return (now ?? vitest.config.coverage).enabled === true
}
