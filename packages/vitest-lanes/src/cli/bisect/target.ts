import { LanesError, fileKey, nearest, pathOfKey } from '@vitest-lanes/core'
import type { BisectTarget, RunRecord } from '@vitest-lanes/core'

/** What the user has written: a file, and a test in it, or its line. */
export interface WrittenTest {
  readonly file: string
  readonly name?: string
  readonly line?: number
}

/** A test of a file. */
export interface KnownTest {
  /** Its suites and its name: `a suite > a test`. */
  readonly name: string
  readonly line?: number
}

/** Reads `file > suite > name` and `file:12`, and a file with the name beside it, as Vitest's `-t` has it. */
export function readWritten(text: string, name: string | undefined): WrittenTest {
  const [file = '', ...names] = text.split(/\s+>\s+/)
  if (names.length > 0) return { file: file.trim(), name: names.join(' > ') }
  const line = /^(.+):(\d+)$/.exec(text)
  if (line !== null) return { file: line[1]!, line: Number(line[2]) }
  return { file: text.trim(), ...(name === undefined ? {} : { name }) }
}

/**
 * The file that was meant: a `fileKey`, a path from the root or from the current folder, or its end.
 * @param keys all there are
 * @throws LanesError LANES_TEST_UNKNOWN where it is none of them, or several
 */
export function findFile(written: string, keys: readonly string[], fromHere: string): string {
  if (keys.includes(written)) return written
  const paths = keys.map((key) => ({ key, path: pathOfKey(key) }))
  const ways: ((path: string) => boolean)[] = [
    (path) => path === written.replace(/^\.\//, ''),
    (path) => path === fromHere,
    (path) => path.endsWith(`/${written}`),
    (path) => path.includes(written),
  ]
  for (const isMeant of ways) {
    const meant = paths.filter(({ path }) => isMeant(path))
    if (meant.length === 1) return meant[0]!.key
    if (meant.length > 1)
      throw new LanesError('LANES_TEST_UNKNOWN', `\`${written}\` is the name of several files.`, {
        hint: `Write one of them: ${list(meant.map(({ key }) => key))}.`,
      })
  }
  const near = nearest(
    written,
    paths.map(({ path }) => path),
  )
  throw new LanesError('LANES_TEST_UNKNOWN', `There is no test file \`${written}\`.`, {
    hint:
      near === undefined
        ? 'Write `path/of/the/file.test.ts > a suite > a test`, with the path from the root.'
        : `Did you mean \`${near}\`?`,
  })
}

/** The tests of a file that were meant: those with the full name, else those of which it is a part, else those of the line. */
export function matching(written: WrittenTest, tests: readonly KnownTest[]): readonly KnownTest[] {
  const { name, line } = written
  if (line !== undefined) {
    // A line within a test is the test's: the last that begins at or before it.
    const before = tests.filter((test) => test.line !== undefined && test.line <= line)
    const begins = Math.max(...before.map((test) => test.line!))
    return before.filter((test) => test.line === begins)
  }
  if (name === undefined) return tests
  const exact = tests.filter((test) => test.name === name)
  if (exact.length > 0) return exact
  // Vitest's `-t` joins suites and test with a space.
  return tests.filter((test) => test.name.includes(name) || test.name.replaceAll(' > ', ' ').includes(name))
}

/** @throws LanesError LANES_TEST_UNKNOWN unless exactly one test was meant */
export function onlyTest(file: string, written: WrittenTest, tests: readonly KnownTest[]): BisectTarget {
  const found = [...new Set(matching(written, tests).map(({ name }) => name))]
  if (found.length === 1) return { file, name: found[0]! }
  if (found.length > 1)
    throw new LanesError('LANES_TEST_UNKNOWN', `Several tests of ${file} may be meant.`, {
      hint: `Write one of them: ${list(found.map((name) => `${file} > ${name}`))}.`,
    })
  const names = tests.map(({ name }) => name)
  const near = written.name === undefined ? undefined : nearTest(written.name, names)
  throw new LanesError('LANES_TEST_UNKNOWN', unknownText(file, written), {
    hint:
      near === undefined
        ? `It has ${names.length === 0 ? 'no test' : list(names)}.`
        : `Did you mean \`${file} > ${near}\`?`,
  })
}

/** Names of tests that failed in a run; a file that could not be collected counts as a test of its path. */
export function failedIn(record: RunRecord, key: string): readonly KnownTest[] {
  const file = record.files.find((each) => fileKey(each) === key)
  if (file === undefined || file.outcome !== 'failed') return []
  const names = file.failedTests?.map(({ name }) => ({ name })) ?? []
  return names.length > 0 ? names : [{ name: file.file }]
}

function unknownText(file: string, { name, line }: WrittenTest): string {
  if (line !== undefined) return `There is no test at line ${line} of ${file}.`
  return `There is no test \`${name ?? ''}\` in ${file}.`
}

/** Whole names, and their last parts: who mistypes one often leaves out the suites. */
function nearTest(name: string, names: readonly string[]): string | undefined {
  const near = nearest(name, names)
  if (near !== undefined) return near
  const last = nearest(
    name,
    names.map((each) => each.split(' > ').at(-1)!),
  )
  return last === undefined ? undefined : names.find((each) => each.split(' > ').at(-1) === last)
}

const SHOWN = 5

function list(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''
  return `${names
    .slice(0, SHOWN)
    .map((name) => `\`${name}\``)
    .join(', ')}${more}`
}
