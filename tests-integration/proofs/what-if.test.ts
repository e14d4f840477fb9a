import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const PAGE = new URL('../../docs/what-if.md', import.meta.url)
const page = await readFile(PAGE, 'utf8')

test('each answer of what-if names a test, and each test that is named exists', () => {
  const links = Array.from(page.matchAll(/\]\(([^)]+)\)/g), (match) => match[1]!)
  const missing = links.filter((link) => !existsSync(fileURLToPath(new URL(link, PAGE))))
  expect(missing).toEqual([])

  const answers = page.split(/\n(?=- )/).filter((text) => text.startsWith('- '))
  expect(answers.length).toBeGreaterThan(20)
  const unbacked = answers.filter((text) => !text.includes('](') && !text.includes('there is no test'))
  expect(unbacked).toEqual([])
})
