import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { installed, workspace } from '../support/installation.ts'
import { createProject } from '../support/project.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const doc = (name: string): Promise<string> => readFile(join(ROOT, 'docs', name), 'utf8')
const installation = {
  ...workspace,
  packages: {
    ...workspace.packages,
    ...installed(join(ROOT, 'node_modules'), process.execPath, ['@vitest-lanes/bullmq', 'bullmq']).packages,
  },
}

function blocks(text: string, language: string): string[] {
  return Array.from(
    text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm')),
    (match) => match[1]!,
  )
}

test('every example of the fixtures passes as it stands', async () => {
  const examples = blocks(await doc('fixtures.md'), 'ts')
  await using project = await createProject(
    Object.fromEntries(examples.map((example, index) => [`${index}.test.ts`, example])),
    installation,
  )

  const { code, report } = await project.run()

  expect(examples.length).toBe(6)
  expect(report?.numPassedTests).toBe(6)
  expect(code).toBe(0)
})

describe('the diffs of the migration', () => {
  test('show lines that stand in the suites', async () => {
    const diffs = blocks(await doc('migrate.md'), 'diff')
    const missing: string[] = []
    for (const diff of diffs) {
      const [before, after] = ['---', '+++'].map(
        (mark) => new RegExp(`^\\${mark[0]!}{3} (.*)$`, 'm').exec(diff)?.[1],
      )
      const texts = await Promise.all([before, after].map((path) => readFile(join(ROOT, path!), 'utf8')))
      for (const line of diff.split('\n')) {
        if (/^(---|\+\+\+|@@|$)/.test(line)) continue
        const [inBefore, inAfter] = texts.map((text) => text.split('\n').includes(line.slice(1)))
        const stands = line.startsWith('-') ? inBefore : line.startsWith('+') ? inAfter : inBefore && inAfter
        if (stands !== true) missing.push(line)
      }
    }

    expect(diffs.length).toBeGreaterThan(2)
    expect(missing).toEqual([])
  })
})
