import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import type { Project } from '../support/project.ts'
import { canOpenTerminal, withoutEscapes } from '../support/terminal.ts'
import { inBoth } from './compare.ts'
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
  'minimal',
  'agent',
  'hanging-process',
]

describe('Reporters', () => {
  test.each(REPORTERS)('%s prints the same', async (reporter) => {
    const args = [
      'run',
      `--reporter=${reporter}`,
      '--no-color',
      'tests/one',
      'tests/tagged',
      'tests/box/fails',
      'tests/hooks',
    ]
    const { stock, lanes } = await inBoth((env) => project.vitest(args, { env }).ended)
    expect(lanes.code).toBe(stock.code)
    expect(lines(lanes.stdout)).toEqual(lines(stock.stdout))
    expect(lines(lanes.stderr)).toEqual(lines(stock.stderr))
  })

  test.runIf(canOpenTerminal())(
    'in a terminal all of it is coloured, and with --no-color nothing',
    async () => {
      const coloured = await project.vitest(['run', 'tests/one'], { columns: 100 }).ended
      const plain = await project.vitest(['run', 'tests/one', '--no-color'], { columns: 100 }).ended

      expect([coloured.stdout, plain.stdout].map(coloursOf)).toEqual([true, false])
      expect(withoutEscapes(plain.stdout)).toMatch(/^ lanes /m)
    },
  )
})

function coloursOf(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- it is what escape sequences begin with
  return /\u001B\[[1-9]\d*m lanes |\u001B\[3\dm/.test(text)
}

/** In no order, as files end in any; without times, what depends on order, and our own. */
function lines(text: string): string[] {
  return (
    text
      .replaceAll(/^ lanes .*(\n {8}.*)*$/gm, '')
      // A hint of Vitest 5 that comes and goes with the time that its own workers took to start.
      .replaceAll(/^ +Isolate .*(\n {13}.*)*$/gm, '')
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
  )
}
