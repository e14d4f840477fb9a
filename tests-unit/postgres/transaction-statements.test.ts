import { expect, test } from 'vitest'
import { readStatements } from '../../packages/postgres/dist/fixture/statements.js'

const kinds = (text: string): string[] => readStatements(text).map(({ kind }) => kind)

test.each([
  ['BEGIN', 'begin'],
  ['begin isolation level serializable', 'begin'],
  ['START  TRANSACTION READ ONLY', 'begin'],
  ['/* by the ORM */ -- and so on\n begin;', 'begin'],
  ['COMMIT', 'commit'],
  ['END TRANSACTION', 'commit'],
  ['ROLLBACK', 'rollback'],
  ['abort work', 'rollback'],
  ['ROLLBACK TO SAVEPOINT a', 'other'],
  ['rollback transaction to a', 'other'],
  ["PREPARE TRANSACTION 'a'", 'two-phase'],
  ["ROLLBACK PREPARED 'a'", 'two-phase'],
  ['SAVEPOINT a', 'other'],
  ['SELECT 1', 'other'],
  ["SELECT 'begin'", 'other'],
  ['beginning', 'other'],
])('%s: %s', (text, kind) => {
  expect(kinds(text)).toEqual([kind])
})

test('several statements of one query are told apart', () => {
  expect(kinds("BEGIN; INSERT INTO a VALUES ('; COMMIT;'); COMMIT")).toEqual(['begin', 'other', 'commit'])
  expect(kinds('DO $$ BEGIN PERFORM 1; END $$; ROLLBACK;')).toEqual(['other', 'rollback'])
})

test('what a transaction asks for is kept', () => {
  expect(readStatements('COMMIT AND CHAIN')[0]).toMatchObject({ kind: 'commit', chain: true })
  expect(readStatements('BEGIN READ ONLY')[0]).toMatchObject({ access: 'READ ONLY' })
  expect(readStatements('COMMIT AND NO CHAIN')[0]).toMatchObject({ kind: 'commit', chain: false })
})
