import { describe, expect, test } from 'vitest'
import { readLog, type LoggedStatement } from '../../packages/postgres/dist/audit/log-lines.js'
import { usesOfFunction, usesOfSql } from '../../packages/postgres/dist/audit/statement-uses.js'

const usesIn = (sql: string, parameters?: string[]) =>
  usesOfSql(sql, parameters).uses.map(({ kind, name, mode }) => `${mode} ${kind} ${name}`)

describe('a statement', () => {
  test.each([
    ['SELECT 1', []],
    ['INSERT INTO jobs VALUES (1)', []],
    [
      'TRUNCATE users, "Odd Name" RESTART IDENTITY CASCADE',
      ['write table public.users', 'write table public.Odd Name'],
    ],
    ['create table if not exists app.notes (id int)', ['write table app.notes']],
    ['CREATE TEMP TABLE scratch (id int)', []],
    ['ALTER TABLE ONLY users ADD COLUMN age int', ['write table public.users']],
    ['CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS by_age ON users (age)', ['write table public.users']],
    ['DROP INDEX by_age', ['write object index public.by_age']],
    [
      'CREATE OR REPLACE FUNCTION touch() RETURNS trigger AS $$ BEGIN END $$',
      ['write object function public.touch'],
    ],
    ['CREATE EXTENSION IF NOT EXISTS "uuid-ossp"', ['write object extension uuid-ossp']],
    ['CREATE TRIGGER t BEFORE INSERT ON users EXECUTE FUNCTION touch()', ['write table public.users']],
    ['LISTEN news', ['read channel news']],
    ["NOTIFY news, 'hello'", ['write channel news']],
    ["SELECT pg_notify('news', 'hello')", ['write channel news']],
    ['SELECT pg_advisory_lock(42)', ['write lock 42']],
    ["SELECT pg_try_advisory_xact_lock_shared(hashtext('jobs'))", ["read lock hashtext('jobs')"]],
    ['-- DROP TABLE users\nSELECT 1 /* TRUNCATE users */', []],
    ['BEGIN; TRUNCATE users; LISTEN news; COMMIT', ['write table public.users', 'read channel news']],
  ])('%s', (sql, expected) => {
    expect(usesIn(sql)).toEqual(expected)
  })

  test('names channels and locks by its parameters', () => {
    expect(usesIn('SELECT pg_notify($1, $2)', ['news', 'hello'])).toEqual(['write channel news'])
    expect(usesIn('SELECT pg_notify($1, $2)')).toEqual(['write channel *'])
    expect(usesIn('SELECT pg_advisory_xact_lock($1::bigint)', ['7'])).toEqual(['write lock 7'])
  })

  test.each([
    ['CREATE ROLE app NOLOGIN', 'role app'],
    ['DROP USER IF EXISTS app', 'role app'],
    ["ALTER SYSTEM SET work_mem = '1MB'", 'ALTER SYSTEM'],
    ['SELECT pg_terminate_backend(pid) FROM pg_stat_activity', 'pg_terminate_backend()'],
  ])('%s goes beyond its database', (sql, expected) => {
    expect(usesOfSql(sql)).toEqual({
      uses: [],
      beyond: [{ kind: 'postgres server', name: expected, mode: 'write' }],
    })
  })
})

test('the source of a function tells of notifications and locks', () => {
  const source = `BEGIN NOTIFY news; PERFORM pg_notify('others', NEW.id::text); PERFORM pg_advisory_xact_lock(1, 2); END`
  expect(usesOfFunction(source).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'channel news',
    'channel others',
    'lock 1,2',
  ])
})

function statementsIn(text: string): LoggedStatement[] {
  const found: LoggedStatement[] = []
  const reader = readLog((statement) => found.push(statement))
  for (const line of text.split('\n')) reader.line(line)
  reader.end()
  return found
}

describe('the log', () => {
  test('tells statements with who sent them, over several lines, and with their parameters', () => {
    expect(
      statementsIn(
        [
          'lanes|71|app|psql|LOG:  statement: SELECT 1,',
          '\t2',
          'lanes|72|other||LOG:  execute <unnamed>: SELECT pg_notify($1, $2)',
          "lanes|72|other||DETAIL:  parameters: $1 = 'it''s', $2 = NULL",
          'lanes|71|app|psql|ERROR:  relation "x" does not exist',
          'lanes|71|app|a|b: LOG:  statement: no|LOG:  execute S_1: LISTEN news',
          'LOG:  database system is ready to accept connections',
        ].join('\n'),
      ),
    ).toMatchObject([
      { database: 'app', client: 'psql', text: 'SELECT 1,\n2', parameters: [] },
      { database: 'other', client: '', text: 'SELECT pg_notify($1, $2)', parameters: ["it's", 'NULL'] },
      { database: 'app', text: 'LISTEN news' },
    ])
  })
})
