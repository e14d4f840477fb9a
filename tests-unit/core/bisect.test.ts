import { expect, test } from 'vitest'
import { randomNumbers } from '@vitest-lanes/core'
import { before, beside, filesOf, found, problemOf, search, simulated, suiteOf } from './bisect-suite.ts'

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!

test('a test that fails with no other file is said to fail alone', () => {
  const { verdict } = search(problemOf(filesOf(20)), () => true)
  expect(verdict).toMatchObject({ kind: 'alone' })
})

test('a file that must have run before is found, and no other', () => {
  const { verdict } = search(problemOf(filesOf(50, 40)), simulated(suiteOf([before('file-7')]), 1))
  expect(verdict).toMatchObject({
    kind: 'found',
    more: false,
    causes: [{ relation: 'before', files: ['file-7'], with: { passed: 0 } }],
    alone: { failed: 0 },
    without: { failed: 0 },
  })
})

test('a file that must run beside is found among those that did', () => {
  const { verdict } = search(problemOf(filesOf(50, 40)), simulated(suiteOf([beside('file-44')]), 1))
  expect(verdict).toMatchObject({ kind: 'found', causes: [{ relation: 'beside', files: ['file-44'] }] })
})

test('a file found beside, that does it from before once nothing heals it, is said to do it from before', () => {
  const { verdict } = search(problemOf(filesOf(50, 40)), ({ relation, files }) => {
    const isHealed = relation === 'before' && files.includes('file-0')
    return files.includes('file-44') && !isHealed
  })
  expect(verdict).toMatchObject({ kind: 'found', causes: [{ relation: 'before', files: ['file-44'] }] })
})

test('one file that must be before and one that must be beside are found as recorded', () => {
  const { verdict } = search(
    problemOf(filesOf(50, 40)),
    ({ relation, files }) =>
      relation === 'recorded' && ['file-3', 'file-44'].every((file) => files.includes(file)),
  )
  expect(found(verdict)).toEqual([['file-3', 'file-44']])
  expect(verdict).toMatchObject({ causes: [{ relation: 'recorded' }] })
})

test('a failure that never comes again ends with the rate that this excludes', () => {
  const { verdict, trials } = search(problemOf(filesOf(20), { floor: 0.1 }), () => false)
  expect(verdict).toMatchObject({ kind: 'never', trials: 29 })
  expect(verdict.kind === 'never' && verdict.excludes).toBeLessThan(0.1)
  // Alone, and with all before it.
  expect(trials).toHaveLength(58)
})

test('a test that was alone in the run, and passes, ends the same', () => {
  expect(search(problemOf([]), () => false).verdict).toMatchObject({ kind: 'never' })
})

test('what a trial leaves for the next is told from a test that fails alone', () => {
  let isDirty = false
  const fails = ({ files }: { files: readonly string[] }): boolean => (isDirty ||= files.includes('file-7'))
  expect(search(problemOf(filesOf(20)), fails).verdict).toMatchObject({ kind: 'outlived' })
})

test('a failure too rare to be pinned down is said to be unclear', () => {
  let trials = 0
  const { verdict } = search(problemOf(filesOf(20)), () => ++trials % 40 === 0)
  expect(verdict.kind).toBe('unclear')
})

test('one of several files that each suffice is found after the other', () => {
  const suite = suiteOf([before('file-3'), before('file-77'), before('file-60', 'file-61')])
  const { verdict } = search(problemOf(filesOf(100)), simulated(suite, 1))
  expect(found(verdict)).toEqual([['file-3'], ['file-60', 'file-61'], ['file-77']])
  expect(verdict).toMatchObject({ more: false })
})

test('more causes than were asked for are said to be there', () => {
  const suite = suiteOf(['file-3', 'file-50', 'file-77'].map((file) => before(file)))
  const { verdict } = search(problemOf(filesOf(100), { causes: 2 }), simulated(suite, 1))
  expect(found(verdict)).toHaveLength(2)
  expect(verdict).toMatchObject({ more: true })
})

test.each([
  ['the one test that it takes', ['t2'], { names: ['t2'], any: false }],
  ['two tests that it takes together', ['t1', 't4'], { names: ['t1', 't4'], any: false }],
  ['that any test of it will do', [], { names: ['t1'], any: true }],
])('of the file at fault it finds %s', (_, needed, expected) => {
  for (const count of [5, 12]) {
    const names = Array.from({ length: count }, (_, index) => `t${index + 1}`)
    const suite = suiteOf([{ ...before('file-7'), tests: { 'file-7': needed } }])
    const problem = problemOf(filesOf(30), { testsOf: () => names })
    const { verdict } = search(problem, simulated(suite, 1))
    expect(verdict).toMatchObject({ causes: [{ files: ['file-7'], tests: { 'file-7': expected } }] })
  }
})

test('of 200 files with one polluter it is found in 12 rounds at the median', () => {
  const random = randomNumbers(7)
  const rounds = Array.from({ length: 60 }, (_, seed) => {
    const culprit = `file-${Math.floor(random() * 199)}`
    const names = Array.from({ length: 1 + Math.floor(random() * 6) }, (_, index) => `t${index + 1}`)
    const needed = random() < 0.5 ? [] : [names[Math.floor(random() * names.length)]!]
    const suite = suiteOf([{ ...before(culprit), tests: { [culprit]: needed } }])
    const { verdict, rounds } = search(
      problemOf(filesOf(199, 180), { testsOf: () => names }),
      simulated(suite, seed + 1),
    )
    expect(found(verdict)).toEqual([[culprit]])
    return rounds
  })
  expect(median(rounds)).toBeLessThanOrEqual(12)
})

test.each([
  ['before', 180],
  ['beside', 0],
] as const)(
  'a file %s that fails the test in 3 of 10 trials is found in 95 of 100 searches',
  (relation, beside) => {
    const random = randomNumbers(11)
    const right = Array.from({ length: 100 }, (_, seed) => {
      const culprit = `file-${Math.floor(random() * 199)}`
      const suite = suiteOf([{ relation, files: [culprit] }], { rate: 0.3 })
      const { verdict } = search(problemOf(filesOf(199, beside), { causes: 1 }), simulated(suite, seed + 1))
      return verdict.kind === 'found' && verdict.causes[0].files.join() === culprit
    })
    expect(right.filter(Boolean).length).toBeGreaterThanOrEqual(95)
  },
)

test('a test that also fails now and then by itself does not mislead it', () => {
  const right = Array.from({ length: 40 }, (_, seed) => {
    const suite = suiteOf([before('file-123')], { rate: 0.7, background: 0.01 })
    const { verdict } = search(problemOf(filesOf(199), { causes: 1 }), simulated(suite, seed + 1))
    return found(verdict).flat().join() === 'file-123'
  })
  expect(right.filter(Boolean).length).toBeGreaterThanOrEqual(38)
})

test('several trials at once take fewer rounds, and find the same', () => {
  const suite = suiteOf([before('file-123')])
  const one = search(problemOf(filesOf(199)), simulated(suite, 1))
  const four = search(problemOf(filesOf(199), { parallel: 4 }), simulated(suite, 1))
  expect(found(four.verdict)).toEqual(found(one.verdict))
  expect(four.rounds).toBeLessThan(one.rounds - 2)
})
