import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { cellsOf } from '../../packages/proofs/src/matrix/page.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

test('the page on compatibility has every cell of the matrix, and no other', async () => {
  const page = await readFile(`${ROOT}docs/compatibility.md`, 'utf8')
  const cells = cellsOf(page)

  // Written by `pnpm proof matrix --write`, which runs them.
  expect(cells.toSorted()).toEqual((await listed()).toSorted())
  expect(page).not.toContain('✗')
})

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
    { cwd: ROOT, env: { ...Object.fromEntries(own), LANES_MATRIX: 'full' } },
  )
  return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name)
}
