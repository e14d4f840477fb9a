import { expect, test } from 'vitest'
import type { Vitest } from 'vitest/node'
import { addSummaryLine } from '../../packages/vitest-lanes/src/vitest/summary.ts'

class Summary {
  readonly renderer = {}
  readonly lines: unknown

  constructor(lines: unknown) {
    this.lines = lines
  }

  createSummary(): unknown {
    return this.lines
  }
}

const vitestWith = (reporters: unknown) => ({ reporters }) as unknown as Vitest

test('a line stands above the summary until it is taken away', () => {
  const summary = new Summary(['', 'Tests'])
  const remove = addSummaryLine(vitestWith([{ summary }, {}]), () => 'ours')
  expect(summary.createSummary()).toEqual(['', 'ours', '', 'Tests'])
  remove!()
  expect(summary.createSummary()).toEqual(['', 'Tests'])
})

test('a reporter that is its own summary has the line too', () => {
  const dots = new Summary(['···'])
  addSummaryLine(vitestWith([dots]), () => 'ours')
  expect(dots.createSummary()).toEqual(['', 'ours', '···'])
})

test.each([
  ['no reporters', undefined],
  ['reporters without a summary', [{}, { summary: undefined }]],
  ['a summary that is drawn in another way', [{ summary: { renderer: {} } }, { createSummary: () => [] }]],
])('nothing is added to %s', (_, reporters) => {
  expect(addSummaryLine(vitestWith(reporters), () => 'ours')).toBeUndefined()
})

test('a summary that is no list of lines stays as it is', () => {
  const summary = new Summary('text')
  addSummaryLine(vitestWith([{ summary }]), () => 'ours')
  expect(summary.createSummary()).toBe('text')
})
