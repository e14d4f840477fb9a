import { expect, test } from 'vitest'
import { upOnly } from '../../packages/postgres/dist/migrations/sections.js'
import { excerpt, lineAt, offsetOfPosition } from '../../packages/postgres/dist/sql/place.js'
import { quoteIdent, quoteLiteral } from '../../packages/postgres/dist/sql/quote.js'

test('names and texts are quoted so that nothing in them ends them', () => {
  expect(quoteIdent('a"b')).toBe('"a""b"')
  expect(quoteLiteral("it's")).toBe("'it''s'")
  expect(quoteLiteral("back\\slash'")).toBe(" E'back\\\\slash'''")
})

test('a position counts characters, and leads to the line', () => {
  const sql = "select '😀😀';\nselect oops;"
  const position = Array.from(sql.slice(0, sql.indexOf('oops'))).length + 1
  const offset = offsetOfPosition(sql, position)
  expect(sql.slice(offset)).toBe('oops;')
  expect(lineAt(sql, offset)).toBe(2)
})

test('an excerpt shows the line between its neighbours', () => {
  expect(excerpt('a\nb\nc\nd', 2)).toBe('    1 | a\n  > 2 | b\n    3 | c')
  expect(excerpt('a', 1)).toBe('  > 1 | a')
})

test.each(['-- migrate:down', '-- +goose Down', '-- +migrate Down', '-- Down Migration', '--  rambler down'])(
  'what stands after `%s` does not run, and lines keep their numbers',
  (marker) => {
    expect(upOnly(`create table a();\n${marker}\ndrop table a;`)).toBe('create table a();\n\n')
  },
)

test('what stands after a marker of the way forth runs again', () => {
  expect(upOnly('-- migrate:down\ndrop table a;\n-- migrate:up\ncreate table a();')).toBe(
    '\n\n-- migrate:up\ncreate table a();',
  )
})

test('a dump of psql is made fit for the server', () => {
  expect(upOnly('\\restrict abc\nselect 1;\n\\unrestrict abc')).toBe('\nselect 1;\n')
})

test('a comment that speaks of down does not cut anything', () => {
  const sql = '-- the lights go down here\nselect 1;'
  expect(upOnly(sql)).toBe(sql)
})
