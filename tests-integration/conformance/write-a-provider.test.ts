import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createProject } from '../support/project.ts'

const GUIDE = fileURLToPath(new URL('../../docs/write-a-provider.md', import.meta.url))

/** The files that the guide shows: their name stands in their first line. */
const files = Object.fromEntries(
  Array.from((await readFile(GUIDE, 'utf8')).matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g), (match) => [
    match[1]!,
    match[2]!,
  ]),
)

const usesStore = (name: string) => `
  import { expect, test } from 'vitest'
  test('has a store of its own', async () => {
    const url = process.env.STORE_URL
    expect(await (await fetch(url)).json()).toEqual([])
    await fetch(url + '/${name}', { method: 'PUT', body: 'text' })
    expect(await (await fetch(url + '/${name}')).text()).toBe('text')
  })`

test('the provider of the guide has 30 lines, passes the conformance suite, and serves files in lanes', async () => {
  expect(files['object-store.ts']?.trim().split('\n').length).toBeLessThanOrEqual(30)
  await using project = await createProject({
    ...files,
    'tests/store/a.test.ts': usesStore('a'),
    'tests/store/b.test.ts': usesStore('b'),
    'tests/store/c.test.ts': usesStore('c'),
  })

  const { code, report, record } = await project.run()

  expect(Object.keys(files).toSorted()).toEqual([
    'object-store.test.ts',
    'object-store.ts',
    'vitest.config.ts',
  ])
  expect(report?.numFailedTests).toBe(0)
  expect(report?.numPassedTests).toBeGreaterThan(15)
  expect(record?.files.filter(({ instances }) => instances?.['store'] !== undefined)).toHaveLength(3)
  expect(code).toBe(0)
})

test('ports and folders of the guide reach the files that claim them', async () => {
  const [configuration] =
    (await readFile(GUIDE, 'utf8')).match(/^import \{ lanes, ports[\s\S]*?(?=```)/m) ?? []
  await using project = await createProject({
    'vitest.config.ts':
      (configuration ?? '').replace('lanes({', 'export default { plugins: [lanes({').trimEnd() + '] }',
    ...Object.fromEntries(
      ['a', 'b', 'c', 'd'].map((name) => [
        `tests/http/${name}.test.ts`,
        `
        import { once } from 'node:events'
        import { readdirSync, writeFileSync } from 'node:fs'
        import { createServer } from 'node:http'
        import { expect, test } from 'vitest'
        test('has a port and a folder of its own', async () => {
          const server = createServer((_, response) => response.end('${name}')).listen(process.env.API_PORT)
          await once(server, 'listening')
          expect(await (await fetch('http://localhost:' + process.env.API_PORT)).text()).toBe('${name}')
          expect(readdirSync(process.env.UPLOADS)).toEqual([])
          writeFileSync(process.env.UPLOADS + '/${name}', '')
          server.close()
        })`,
      ]),
    ),
  })

  const { code, record } = await project.run()

  expect(record?.outcome).toBe('passed')
  expect(code).toBe(0)
})
