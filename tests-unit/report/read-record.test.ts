import { expect, test } from 'vitest'
import { LanesError } from '@vitest-lanes/core'
import { readRecord } from '@vitest-lanes/report'
import { SMALL } from './support/record.ts'

function refusal(json: string): LanesError {
  try {
    readRecord(json, 'run.json')
  } catch (error) {
    if (error instanceof LanesError) return error
    throw error
  }
  throw new Error('It was read.')
}

test('a record of this version opens', () => {
  expect(readRecord(JSON.stringify(SMALL), 'run.json')).toEqual(SMALL)
})

test('a newer record is refused with both versions and the remedy', () => {
  const error = refusal(JSON.stringify({ ...SMALL, version: 2, vitestLanes: '9.0.0' }))
  expect(error.code).toBe('LANES_RECORD_VERSION')
  expect(error.message).toContain(
    'run.json was written by a newer vitest-lanes (9.0.0): its version is 2, this one reads 1.',
  )
  expect(error.hint).toContain('Update vitest-lanes')
})

test('an older record is refused with both versions and the remedy', () => {
  const error = refusal(JSON.stringify({ ...SMALL, version: 0 }))
  expect(error.message).toContain(
    'written by an older vitest-lanes (0.1.0): its version is 0, this one reads 1.',
  )
  expect(error.hint).toBe('Run the tests again.')
})

test.each([
  ['what is not JSON', '{', 'it is not JSON'],
  ['a list', '[]', 'expected an object with a `version`'],
  ['a record without files', JSON.stringify({ ...SMALL, files: undefined }), 'expected `files` to be a list'],
  ['a record without lanes', JSON.stringify({ ...SMALL, lanes: '4' }), 'expected `lanes` to be a number'],
  ['a file without times', JSON.stringify({ ...SMALL, files: [{ file: 'a' }] }), 'entry 0 of `files`'],
])('%s is refused and named', (_, json, why) => {
  const error = refusal(json)
  expect(error.code).toBe('LANES_RECORD_VERSION')
  expect(error.message).toContain(why)
})
