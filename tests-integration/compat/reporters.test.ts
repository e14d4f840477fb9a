import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import type { Project } from '../support/project.ts'
import { suite } from './suite.ts'

let project: Project
beforeAll(async () => {
  project = await createProject(suite())
})
afterAll(() => project[Symbol.asyncDispose]())

// Those that print tests. JSON and JUnit are compared in every other test here.
const REPORTERS = [
  'default',
  'verbose',
  'tree',
  'dot',
  'tap',
  'tap-flat',
  'github-actions',
  'hanging-process',
]

test.each(REPORTERS)('the %s reporter prints what it prints in plain Vitest', async (reporter) => {
  const args = [
    'run',
    `--reporter=${reporter}`,
    '--no-color',
    'tests/one',
    'tests/tagged',
    'tests/box/fails',
    'tests/hooks',
  ]
  const stock = await project.vitest(args, { env: { STOCK: '1' } }).ended
  const lanes = await project.vitest(args).ended
  expect(lanes.code).toBe(stock.code)
  expect(lines(lanes.stdout)).toEqual(lines(stock.stdout))
  expect(lines(lanes.stderr)).toEqual(lines(stock.stderr))
})

/** In no order, as files end in any; without times, what depends on order, and our own. */
function lines(text: string): string[] {
  return text
    .replaceAll(/^ lanes .*(\n {8}.*)*$/gm, '')
    .split('\n')
    .map((line) =>
      line
        .replaceAll(/\b[\d.]+ ?(ms|s)\b/g, 'TIME')
        .replaceAll(/# time=\S+/g, '')
        .replaceAll(/\[\d+\/\d+\]/g, '')
        .replaceAll(/^(\s*)(ok|not ok) \d+/g, '$1$2')
        .replace(/(Start at|Duration|Environment|environment) .*/, '$1')
        .replaceAll(/[⎯─]+/g, '─')
        // The dot reporter breaks its line where the terminal ends.
        .replace(/^[·x\-*]+$/, (dots) => Array.from(dots).sort().join(''))
        .trim(),
    )
    .filter((line) => line !== '' && !/^(↳ lane|# lanes: )/.test(line) && line !== '❯ lanes')
    .sort()
}
