import { describe, expect, test } from 'vitest'
import { CHROMIUM } from '../cli/support/browser.ts'
import { recorded } from '../support/outcome.ts'
import { createProject } from '../support/project.ts'
import { file } from '../support/sources.ts'
import { expectSame } from './compare.ts'
import { FULL } from './leg.ts'

/** A root with settings of its own, and projects that inherit them or do not. */
const ROOT = (more = '', head = '') => `
  import { lanes } from 'vitest-lanes'
  import { told } from './provider.ts'
  ${head}
  const plugin = lanes({
    lanes: 3,
    resources: { box: told('box'), one: {} },
    files: { 'forks/**': ['box'], 'threads/**': ['box/shared'], 'serial/**': ['one'] },
  })
  const project = (name, test) => ({ extends: true, test: { name, include: [name + '/**/*.test.ts'], ...test } })
  export default {
    plugins: process.env.STOCK === undefined ? [plugin] : [],
    test: {
      env: { SAID: 'by the root' },
      testTimeout: 7_000,
      setupFiles: [import.meta.dirname + '/setup.ts'],
      projects: [
        project('forks', { pool: 'forks', environment: './environment.ts', env: { OWN: 'yes' } }),
        project('threads', { pool: 'threads', isolate: false, env: { SAID: 'by the project' } }),
        project('vmForks', { pool: 'vmForks', testTimeout: 2_000 }),
        project('vmThreads', { pool: 'vmThreads', retry: 2 }),
        project('serial', { fileParallelism: false, sequence: { groupOrder: 1 } }),
        { extends: true, root: './inner', test: { name: { label: 'inner', color: 'green' } } },
        './own',
        project('types', { include: [], typecheck: { enabled: true, only: true, include: ['types/**/*.test-d.ts'] } }),
        ${more}
      ],
    },
  }
`

const SAYS = (what: string) => `
  import { isMainThread } from 'node:worker_threads'
  import { expect, test } from 'vitest'
  test(process.env.SAID + ', ' + process.env.OWN + ', ' + globalThis.fromSetup + ', ' + isMainThread, () => { ${what} })
`

const FILES = {
  'setup.ts': "globalThis.fromSetup = 'set up'\n",
  'environment.ts': `
    export default { name: 'ours', viteEnvironment: 'ssr', setup(global) { global.inOurs = 1; return { teardown() {} } } }
  `,
  'tsconfig.json': '{ "compilerOptions": { "strict": true, "skipLibCheck": true, "types": [] } }',
  'forks/a.test.ts': SAYS('expect(globalThis.inOurs).toBe(1); expect(process.env.BOX_URL ?? 1).toBeTruthy()'),
  'forks/b.test.ts': SAYS('expect(process.env.SAID).toBe(1)'),
  'threads/a.test.ts': SAYS('expect(process.env.OWN).toBe(undefined)'),
  'threads/b.test.ts': SAYS(''),
  'vmForks/a.test.ts': file('await new Promise(() => {})').replace('60_000', 'undefined'),
  'vmForks/b.test.ts': SAYS(''),
  'vmThreads/a.test.ts':
    "import { expect, test } from 'vitest'\nlet tries = 0\ntest('at last', () => expect(++tries).toBe(3))\n",
  'serial/a.test.ts': SAYS(''),
  'serial/b.test.ts': SAYS(''),
  'inner/deep/a.test.ts': SAYS(''),
  'own/vitest.config.ts': "export default { test: { name: 'own', env: { SAID: 'by itself' } } }\n",
  'own/a.test.ts': SAYS(''),
  'types/a.test-d.ts':
    "import { expectTypeOf, test } from 'vitest'\ntest('a number', () => { expectTypeOf(1).toBeNumber() })\ntest('no text', () => { expectTypeOf(1).toBeString() })\n",
}

const BROWSER = `
  project('browser', {
    browser: {
      enabled: true,
      headless: true,
      provider: playwright({ launchOptions: { executablePath: ${JSON.stringify(CHROMIUM)}, args: ['--no-sandbox'] } }),
      instances: [{ browser: 'chromium' }],
    },
  })`
const WITH_BROWSER = {
  ...FILES,
  'vitest.config.ts': ROOT(BROWSER, "import { playwright } from '@vitest/browser-playwright'"),
  'browser/a.test.ts':
    "import { expect, test } from 'vitest'\ntest('has a document', () => expect(document.title).toBeTypeOf('string'))\ntest('fails', () => expect(1).toBe(2))\n",
}

describe('Projects', () => {
  test('with pools, environments and settings of their own and inherited end the same, and type checks beside them', async () => {
    await using project = await createProject({ ...FILES, 'vitest.config.ts': ROOT() })
    const run = await expectSame(project)

    expect(run.code).toBe(1)
    const ended = recorded(run)
    expect(ended).toMatchObject({ 'forks/a.test.ts': 'passed', 'forks/b.test.ts': 'failed' })
    expect(ended).toMatchObject({ 'vmThreads/a.test.ts': 'passed', 'inner/deep/a.test.ts': 'passed' })
    expect(Object.keys(ended).filter((path) => /^(types|own)\//.test(path))).toEqual([])
    expect(run.stdout).toContain('1 file of `own` run outside of lanes')
  })

  test.runIf(FULL).each(['forks', '!types', '*hreads'])(
    'chosen by --project=%s end the same',
    async (pattern) => {
      await using project = await createProject({ ...FILES, 'vitest.config.ts': ROOT() })
      const run = await expectSame(project, [`--project=${pattern}`])
      expect(run.record?.files.length).toBeGreaterThan(0)
    },
  )

  test.runIf(FULL)('for a browser, not chosen, leave the others as they are', async () => {
    await using project = await createProject(WITH_BROWSER)
    const run = await expectSame(project, ['--project=!browser*', '--project=!types'])
    expect(recorded(run)).toHaveProperty(['forks/a.test.ts'], 'passed')
  })

  test.runIf(FULL)('for a browser run beside the others', async ({ skip }) => {
    if (CHROMIUM === undefined) skip('no Chromium found, see CHROMIUM_PATH')
    await using project = await createProject(WITH_BROWSER)
    const run = await expectSame(project)

    expect(run.report?.testResults.filter(({ name }) => name.includes('/browser/'))).toHaveLength(1)
    expect(Object.keys(recorded(run)).filter((path) => path.startsWith('browser/'))).toEqual([])
    expect(recorded(run)).toHaveProperty(['forks/a.test.ts'], 'passed')
  })
})
