import { existsSync, realpathSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { workspace } from '../support/installation.ts'
import { createProject } from '../support/project.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const readme = await readFile(`${ROOT}README.md`, 'utf8')
const client = (name: string): string => realpathSync(`${ROOT}node_modules/${name}`)
const installation = {
  ...workspace,
  packages: { ...workspace.packages, ioredis: client('ioredis'), pg: client('pg') },
}

/** The fenced blocks of a language, without the indentation that a list gives them. */
function snippets(language: string): string[] {
  return Array.from(
    readme.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^\\1\`\`\``, 'gm')),
    (match) => match[2]!.replaceAll(new RegExp(`^${match[1]}`, 'gm'), ''),
  )
}

const usesBoth = `
  import Redis from 'ioredis'
  import pg from 'pg'
  import { expect, test } from 'vitest'
  test('has a Redis and a database of its own', async () => {
    const redis = new Redis(process.env.REDIS_URL)
    const client = new pg.Client(process.env.DATABASE_URL)
    await client.connect()
    expect(await redis.incr('jobs')).toBe(1)
    await client.query('INSERT INTO jobs VALUES (1)')
    await redis.flushall()
    redis.disconnect()
    await client.end()
  })
`
// Vitest finds the tags of a module anywhere in its text, here too.
const TAG = '@module-tag'
const tag = (name: string): string => `/** ${TAG} ${name} */`
const usesNothing = "import { test } from 'vitest'; test('runs', () => {})"

describe('the README', () => {
  test('has a configuration with which a suite of the reader runs in parallel', async () => {
    const [configuration] = snippets('ts').filter((snippet) => snippet.startsWith('// vitest.config.ts'))
    await using project = await createProject(
      {
        'vitest.config.ts': configuration!,
        'migrations/001.sql': 'CREATE TABLE jobs (id int PRIMARY KEY);',
        'tests/integration/jobs/a.test.ts': usesBoth,
        'tests/integration/jobs/b.test.ts': usesBoth,
        'tests/integration/jobs/c.test.ts': usesBoth,
        'tests/integration/old/a.test.ts': usesNothing,
        'tests/integration/old/b.test.ts': `${tag('postgres/shared')}\n${usesNothing}`,
      },
      installation,
    )

    const { code, record, stdout } = await project.run()

    expect(stdout).toMatch(/lanes {2}\d+ lanes · 5 files/)
    expect(
      record!.files
        .map(({ file, claims }) => [file, claims.map(({ resource, mode }) => `${resource}/${mode}`)])
        .toSorted(([a], [b]) => (a! < b! ? -1 : 1)),
    ).toEqual([
      ['tests/integration/jobs/a.test.ts', ['redis/exclusive', 'postgres/exclusive']],
      ['tests/integration/jobs/b.test.ts', ['redis/exclusive', 'postgres/exclusive']],
      ['tests/integration/jobs/c.test.ts', ['redis/exclusive', 'postgres/exclusive']],
      ['tests/integration/old/a.test.ts', ['sequential/exclusive']],
      ['tests/integration/old/b.test.ts', ['sequential/exclusive', 'postgres/shared']],
    ])
    expect(code).toBe(0)
  })

  test('shows resources that cannot be copied as they work', async () => {
    const [call] = snippets('ts').filter((snippet) => snippet.startsWith('lanes({'))
    await using project = await createProject({
      'vitest.config.ts': `
        import { lanes } from 'vitest-lanes'
        export default { plugins: [${call!}] }`,
      'tests/billing/a.test.ts': usesNothing,
      'tests/prompts/a.test.ts': `
        import { expect, test } from 'vitest'
        test('knows its key', () => expect(process.env.LLM_KEY).toBe('key ' + process.env.VITEST_LANES_LLM))`,
    })

    const { code } = await project.run([], {
      env: { LLM_KEY_1: 'key 1', LLM_KEY_2: 'key 2', LLM_KEY_3: 'key 3' },
    })

    expect(code).toBe(0)
  })

  test('names only scripts and documents that exist', async () => {
    const { scripts } = JSON.parse(await readFile(`${ROOT}package.json`, 'utf8')) as { scripts: object }
    const named = Array.from(readme.matchAll(/npx -y pnpm@12 ([\w:]+)/g), (match) => match[1])
    expect(named).toContain('demo')
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named))

    const links = Array.from(readme.matchAll(/\]\((docs\/[^)#]+)/g), (match) => match[1]!)
    expect(links.filter((link) => !existsSync(`${ROOT}${link}`))).toEqual([])
  })

  test('is read in one go', () => {
    expect(readme.split('\n').length).toBeLessThanOrEqual(151)
  })
})
