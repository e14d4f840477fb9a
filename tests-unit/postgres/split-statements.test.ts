import { expect, test } from 'vitest'
import { splitStatements } from '../../packages/postgres/dist/sql/split.js'

const texts = (sql: string) => splitStatements(sql).map((statement) => statement.text)

test('statements end at semicolons, and the last needs none', () => {
  expect(texts('select 1; select 2 ;\nselect 3')).toEqual(['select 1;', 'select 2 ;', 'select 3'])
})

test('a semicolon in quotes, dollar quotes, comments or parentheses ends nothing', () => {
  const sql = [
    `insert into t values ('a;''b', e'it\\';s', "x;y");`,
    '/* one; /* two; */ three; */ create function f() returns int as $body$ begin; $$;$$ end; $body$ language sql;',
    '-- a; b\ncreate rule r as on insert to t do also (select 1; select 2);',
    'select $1;',
  ]
  expect(texts(sql.join('\n'))).toHaveLength(4)
})

test('the body of an SQL-standard function is one statement, with its CASE … END', () => {
  const body = `create function f(x int) returns int language sql begin atomic
    select case when x > 0 then 1 else 2 end; select 3; end;`
  expect(texts(`${body} select 4;`)).toEqual([body, 'select 4;'])
})

test('an offset points at the first word of its statement, past comments', () => {
  const sql = '-- first\n  select 1;\n\n/* second */ select 2;'
  expect(splitStatements(sql).map(({ offset }) => sql.slice(offset, offset + 8))).toEqual([
    'select 1',
    'select 2',
  ])
})

test('text without a statement has none', () => {
  expect(texts(' ;; -- nothing\n /* nothing */ ')).toEqual([])
})
