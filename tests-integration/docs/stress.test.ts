import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { excludedRate } from '@vitest-lanes/core'
import { describe, expect, test } from 'vitest'
import { lanesCommand, projectWith } from '../cli/support/command.ts'

const guide = await readFile(fileURLToPath(new URL('../../docs/stress.md', import.meta.url)), 'utf8')
const commands = Array.from(guide.matchAll(/^```sh\n([\s\S]*?)^```/gm), (match) =>
  match[1]!.trim().split('\n'),
).flat()

describe('docs/stress.md', () => {
  test('names commands that work', async () => {
    await using project = await projectWith({
      'vitest.config.ts': `
        import { lanes } from 'vitest-lanes'
        export default { plugins: [lanes({ files: { 'tests/**': [] } })] }`,
      // Fails in its third run, for whoever runs until something fails.
      'tests/jobs/a.test.ts': `
        import { appendFileSync, readFileSync } from 'node:fs'
        import { expect, test } from 'vitest'
        test('counts', () => {
          if (process.env.FAILS === undefined) return
          appendFileSync('count', '.')
          expect(readFileSync('count', 'utf8').length).not.toBe(3)
        })`,
      '.gitignore': '.vitest-lanes\nnode_modules\n',
    })
    const git = (...args: string[]): void => {
      const identity = [
        '-c',
        'user.name=a',
        '-c',
        'user.email=a@example.org',
        '-c',
        'init.defaultBranch=main',
      ]
      execFileSync('git', [...identity, ...args], { cwd: project.root, stdio: 'ignore' })
    }
    git('init')
    git('add', '.')
    git('commit', '-m', 'all')
    await project.run()

    expect(commands).toHaveLength(8)
    for (const line of commands) {
      const [npx, name, ...args] = line
        .replace('--runs 20', '--runs 2')
        .replace('--for 10m', '--for 1s')
        .split(' ')
      expect([npx, name]).toEqual(['npx', 'vitest-lanes'])
      const fails = line.includes('--until-fail')
      const { code, stderr } = await lanesCommand(project.root, args, fails ? { FAILS: '1' } : {})
      expect({ line, stderr: stderr.replace(/^No test file depends.*\n/, '') }).toEqual({ line, stderr: '' })
      expect({ line, code }).toEqual({ line, code: fails ? 1 : 0 })
    }
  })

  test('tells rates that are right', () => {
    expect(excludedRate(10)).toBeCloseTo(0.26, 2)
    expect(excludedRate(299)).toBeLessThanOrEqual(0.01)
    expect(excludedRate(298)).toBeGreaterThan(0.01)
  })

  test('names all fields of the JSON', async () => {
    await using project = await projectWith({
      'a.test.ts': "import { expect, test } from 'vitest'; test('fails', () => expect(1).toBe(2))",
    })
    const stress = JSON.parse(
      (await lanesCommand(project.root, ['stress', '--runs', '1', '--json'])).stdout,
    ) as {
      runs: object[]
      failing: object[]
    }
    const replay = JSON.parse(
      (await lanesCommand(project.root, ['replay', '--run', '1', '--json'])).stdout,
    ) as object
    const fields = [stress, stress.runs[0]!, stress.failing[0]!, replay].flatMap(Object.keys)
    const section = guide.slice(guide.indexOf('## JSON'))
    expect([...new Set(fields)].filter((field) => !section.includes(`\`${field}\``))).toEqual([])
  })
})
