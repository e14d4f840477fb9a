import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { cellsOf, withTables } from '../../packages/proofs/src/matrix/page.ts'
import type { Outcome } from '../../packages/proofs/src/matrix/page.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

test('the page on compatibility has every cell of the matrix, and no other', async () => {
  const page = await readFile(`${ROOT}docs/compatibility.md`, 'utf8')
  const cells = cellsOf(page)

  // Written by `pnpm proof matrix --write`, which runs them.
  expect(cells.toSorted()).toEqual((await listed()).toSorted())
  expect(page).not.toContain('✗')
  // It reads all files of the matrix, on what may be a loaded machine.
}, 240_000)

test('a page that is written has the cells of all columns', () => {
  const page = withTables(EMPTY, [
    { title: 'old', results: new Map([['One', cells({ 'a|b [c] *d': 'passed' })]]) },
    {
      title: 'new',
      results: new Map([
        ['One', cells({ x_y: 'skipped' })],
        ['Two', cells({ z: 'failed' })],
      ]),
    },
  ])

  expect(cellsOf(page)).toEqual(['One > a|b [c] *d', 'One > x_y', 'Two > z'])
  expect(page).toMatch(/^before\n[^]*\| z +\| not tried \| ✗ +\|\n[^]*\nafter\n$/)
  expect(cellsOf(withTables(page, []))).toEqual([])
})

const cells = (outcomes: Record<string, Outcome>) => new Map(Object.entries(outcomes))
const EMPTY = 'before\n<!-- Written by `pnpm proof matrix --write`. -->\n<!-- Up to here. -->\nafter\n'

async function listed(): Promise<string[]> {
  const own = Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|NODE_ENV$)/.test(name))
  const args = [
    'list',
    '--json',
    '--project=integration',
    '--exclude=**/vitest5.test.ts',
    'tests-integration/compat/',
  ]
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [`${ROOT}node_modules/vitest/vitest.mjs`, ...args],
    { cwd: ROOT, env: { ...Object.fromEntries(own), LANES_MATRIX: 'full', LANES_MATRIX_PARTS: '1' } },
  )
  return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name)
}
