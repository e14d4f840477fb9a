import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, launchBrowser } from '../cli/support/browser.ts'
import { createProject } from '../support/project.ts'
import type { Project } from '../support/project.ts'
import { inBoth } from './compare.ts'
import { suite } from './suite.ts'

let project: Project
beforeAll(async () => {
  project = await createProject(suite())
})
afterAll(() => project[Symbol.asyncDispose]())

/** Where Vitest 4 and 5 put the pages. */
const PLACES = ['html', '.vitest/ui']
const FILES = ['tests/one', 'tests/tagged', 'tests/box', 'tests/hooks']

describe('Pages', () => {
  test('of the html reporter show the same tests', async () => {
    const { stock, lanes } = await inBoth(async (env) => {
      for (const folder of PLACES) await rm(join(project.root, folder), { recursive: true, force: true })
      const { code } = await project.vitest(['run', '--reporter=html', ...FILES], { env }).ended
      return { code, tasks: await tasksOf(project) }
    })

    expect(lanes).toEqual(stock)
    expect(lanes.tasks).toContainEqual(['passes', 'run', 'pass'])
    expect(lanes.tasks).toContainEqual(['is wrong', 'run', 'fail'])
  })

  test('of Vitest UI are served, show the run, and end with it', async ({ skip }) => {
    const { stock, lanes } = await inBoth(async (env) => {
      const started = project.vitest(['--watch', '--ui', '--open=false', ...FILES], { env })
      let output = ''
      await started.until((text) => {
        output = text
        return text.includes('Watching for file changes') && ADDRESS.test(text)
      })
      const url = ADDRESS.exec(output)![0]
      const { status } = await fetch(url)
      const shown = CHROMIUM === undefined ? undefined : await shownAt(url)
      started.kill('SIGTERM')
      const { code } = await started.ended
      return { status, shown, code }
    })

    expect(lanes).toEqual(stock)
    // Vitest 5 shows it to those who keep a cookie.
    expect([200, 403]).toContain(lanes.status)
    if (CHROMIUM === undefined) skip('no Chromium found, see CHROMIUM_PATH: the page was not looked at')
    expect(lanes.shown?.join('\n')).toContain('fails.test.ts')
  })
})

const ADDRESS = /http:\/\/localhost:\d+\/__vitest__\/\S*/

/** The files and the counts that the page shows once it shows all files. */
async function shownAt(url: string): Promise<string[]> {
  await using browser = await launchBrowser()
  const page = await browser.newPage()
  await page.goto(url)
  await page.waitForFunction("document.body.innerText.includes('fails.test.ts')")
  const text = await page.evaluate<string>('document.body.innerText')
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /\.test\.ts$|\(\d+\)$/.test(line))
    .sort()
}

/** Name, mode and state of each task that the page has. */
async function tasksOf({ root }: Project): Promise<unknown[][]> {
  const packed = await Promise.any(PLACES.map((place) => readFile(join(root, place, 'html.meta.json.gz'))))
  // As the package `flatted` writes it: each text and each object is a number, of its place in one list.
  const all = JSON.parse(gunzipSync(packed).toString('utf8')) as unknown[]
  const at = (place: unknown): unknown => (typeof place === 'string' ? all[Number(place)] : place)
  const tasks = all.filter((each): each is Record<string, unknown> => Object(each).mode !== undefined)
  return tasks
    .filter(({ type }) => at(type) === 'test')
    .map(({ name, mode, result }) => [at(name), at(mode), at(Object(at(result)).state)])
    .sort((one, other) => (String(one) < String(other) ? -1 : 1))
}
