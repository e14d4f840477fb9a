import type { Group } from '@vitest-lanes/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { before, filesOf, found, problemOf, search, simulated, suiteOf } from './bisect-suite.ts'

const FILES = 40
const cause = fc
  .uniqueArray(fc.nat(FILES - 1), { minLength: 1, maxLength: 3 })
  .map((numbers) => before(...numbers.map((number) => `file-${number}`)))
const causes = fc.array(cause, { minLength: 1, maxLength: 3 })

const suspects = fc
  .array(fc.integer({ min: 1, max: 50 }), { minLength: FILES, maxLength: FILES })
  .map((weights) => filesOf(FILES).map((suspect, index) => ({ ...suspect, weight: weights[index]! })))

test('whatever the polluters, and however they were ranked, each set found suffices, and all of it is needed', () => {
  fc.assert(
    fc.property(causes, suspects, fc.integer({ min: 1, max: 4 }), (causes, suspects, parallel) => {
      const fails = simulated(suiteOf(causes), 1)
      const { verdict } = search(problemOf(suspects, { parallel, causes: 5 }), fails)
      const sets = found(verdict)
      expect(sets.length).toBeGreaterThan(0)
      const does = (files: readonly string[]): boolean => fails({ relation: 'before', files })
      for (const files of sets) {
        expect(does(files)).toBe(true)
        for (const file of files) expect(does(files.filter((other) => other !== file))).toBe(false)
      }
      // No cause is left among the files that are in none of the sets.
      const rest = filesOf(FILES)
        .map(({ id }) => id)
        .filter((id) => !sets.flat().includes(id))
      expect(does(rest)).toBe(false)
    }),
    { numRuns: 60 },
  )
})

test('a search that was ended after any trial goes on where it was, and asks for none again', () => {
  fc.assert(
    fc.property(causes, fc.constantFrom(1, 0.6), fc.nat(200), fc.nat(10_000), (causes, rate, cut, seed) => {
      const problem = problemOf(filesOf(FILES), { testsOf: () => ['a', 'b', 'c'] })
      const whole = search(problem, simulated(suiteOf(causes, { rate }), seed))
      const outcomes = whole.trials.map(({ failed }) => failed)
      const kept = whole.trials.slice(0, cut)
      const asked: Group[] = []
      const resumed = search(
        problem,
        (group) => outcomes[kept.length + asked.push(group) - 1]!,
        // As it comes out of a file.
        JSON.parse(JSON.stringify(kept)) as typeof kept,
      )
      expect(resumed).toEqual(whole)
      expect(asked).toHaveLength(Math.max(0, whole.trials.length - cut))
    }),
    { numRuns: 60 },
  )
})
