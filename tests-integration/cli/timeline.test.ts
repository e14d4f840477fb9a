import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { timelinePage } from '@vitest-lanes/report'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { simulatedRecord } from '../../tests-unit/report/support/simulated.ts'
import { CHROMIUM, NO_CHROMIUM, launchBrowser } from './support/browser.ts'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const RECORD = simulatedRecord(60)
const FAILED = RECORD.files.find(({ outcome }) => outcome === 'failed')!

function instanceRows(): number {
  const instances = new Set(
    RECORD.files.flatMap((file) => Object.entries(file.instances ?? {}).map((entry) => entry.join(' '))),
  )
  const resources = new Set([...instances].map((instance) => instance.split(' ')[0]))
  return instances.size + resources.size
}

test('a thousand files fit in 300 KB', () => {
  expect(Buffer.byteLength(timelinePage(simulatedRecord(1000)))).toBeLessThanOrEqual(300 * 1024)
})

test('a name or a message cannot break out of its place', () => {
  const [file] = RECORD.files
  const evil = '</script><script>alert(1)</script>'
  const page = timelinePage({
    ...RECORD,
    files: [{ ...file!, file: evil }],
    findings: [{ kind: evil, message: evil, file: evil }],
  })
  expect(page).not.toContain(evil)
})

describe.skipIf(CHROMIUM === undefined)(`the timeline in a browser${NO_CHROMIUM}`, () => {
  let browser: Browser
  let folder: string
  let page: Page
  let complaints: string[] = []

  beforeAll(async () => {
    browser = await launchBrowser()
    folder = await mkdtemp(join(tmpdir(), 'vitest lanes page '))
    await writeFile(join(folder, 'small.html'), timelinePage(RECORD))
    await writeFile(join(folder, 'large.html'), timelinePage(simulatedRecord(10_000, 16)))
  })
  afterAll(async () => {
    await browser.close()
    await rm(folder, { recursive: true, force: true })
  })
  afterEach(async () => {
    await page.close()
    if (complaints.length > 0) throw new Error(`Errors on the console, or requests: ${complaints.join('\n')}`)
  })

  async function open(
    options: { hash?: string; file?: string; width?: number; dark?: boolean } = {},
  ): Promise<void> {
    const { hash = '', file = 'small.html', width = 1280, dark = false } = options
    page = await browser.newPage({
      viewport: { width, height: 900 },
      colorScheme: dark ? 'dark' : 'light',
    })
    complaints = []
    const url = pathToFileURL(join(folder, file)).href + hash
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => {
      if (request.url().split('#')[0] !== url.split('#')[0]) complaints.push(request.url())
    })
    await page.goto(url)
    await page.waitForSelector('html[data-ready]', { state: 'attached' })
  }

  const focused = (): Locator => page.locator('.bar:focus')
  const label = (): Promise<string | null> => focused().getAttribute('aria-label')
  const rows = (): Locator => page.locator('#files tbody tr:not(.gap)')

  const topFile = async (): Promise<string> => (await rows().first().innerText()).split('\t')[0]!.trim()

  /** What axe-core finds against WCAG 2.1 A and AA. */
  async function violations(): Promise<string[]> {
    await page.evaluate(await readFile(AXE, 'utf8'))
    return page.evaluate<
      string[]
    >(`axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })
      .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`)
  }

  test('shows a row for each lane and each instance that was used', async () => {
    await open()
    const labels = await page.locator('.row.lane .label').allInnerTexts()
    expect(labels.map((label) => /^lane \d/.exec(label)![0])).toEqual(
      [1, 2, 3, 4, 5, 6].map((lane) => `lane ${lane}`),
    )
    expect(await page.locator('#rows').getAttribute('aria-rowcount')).toBe(String(1 + 6 + instanceRows()))
  })

  test('opens the details of a file on a click, and closes them', async () => {
    await open()
    await page.locator(`.row.lane .bar.failed`).first().click()
    await expect.poll(() => page.locator('#details-title').innerText()).toBe(FAILED.file)
    const details = await page.locator('#details-content').innerText()
    const [failedTest] = FAILED.failedTests!
    expect(details).toContain(`${failedTest!.name}; beside it: `)
    const phases = await page.locator('#details-content .phase').allInnerTexts()
    expect(phases.map((phase) => phase.replace(/ [\d.]+ m?s$/, ''))).toEqual([
      'waited',
      'instances opened',
      'worker started',
      'imports',
      'tests',
      'worker exited',
      'instances cleaned',
    ])
    const link = page.getByRole('link', { name: 'open the file', exact: true })
    expect(await link.getAttribute('href')).toBe(`../${FAILED.file}`)
    expect(details).toMatch(/CPU\s+\d/)
    expect(new URL(page.url()).hash).toBe(
      `#${new URLSearchParams({ file: `[integration] ${FAILED.file}` }).toString()}`,
    )
    await page.getByRole('button', { name: 'Close the details' }).click()
    expect(await page.locator('#details').isHidden()).toBe(true)
    expect(new URL(page.url()).hash).toBe('')
  })

  test('opens the file that its address names', async () => {
    await open({ hash: `#file=${encodeURIComponent(`[integration] ${FAILED.file}`)}` })
    expect(await page.locator('#details-title').innerText()).toBe(FAILED.file)
    expect(await page.locator('#files tr.selected').innerText()).toContain(FAILED.file)
  })

  test('filters files by name and outcome, and keeps the filter in its address', async () => {
    await open()
    await page.getByLabel('Filter files by name').fill('billing')
    const billing = RECORD.files.filter(({ file }) => file.includes('billing')).length
    await expect.poll(() => page.locator('#matches').innerText()).toBe(`${billing} of 60 files`)
    await page.getByLabel('Filter files by name').fill('')
    await page.locator('#outcome').selectOption('failed')
    await expect.poll(() => rows().allInnerTexts()).toHaveLength(1)
    expect(new URL(page.url()).hash).toBe('#outcome=failed')
    const hash = new URL(page.url()).hash
    await page.close()
    await open({ hash })
    expect(await rows().allInnerTexts()).toHaveLength(1)
  })

  test('sorts by a column, and back', async () => {
    await open()
    const longest = await topFile()
    await page.getByRole('button', { name: 'took', exact: true }).click()
    expect(await topFile()).not.toBe(longest)
    expect(await page.locator('#files th[aria-sort]').getAttribute('aria-sort')).toBe('ascending')
    await page.getByRole('button', { name: 'took', exact: true }).click()
    expect(await topFile()).toBe(longest)
  })

  test('is walked with the keyboard alone', async () => {
    await open()
    await page.locator('.bar[data-active]').focus()
    const first = await label()
    await page.keyboard.press('ArrowRight')
    expect(await label()).not.toBe(first)
    await page.keyboard.press('ArrowLeft')
    expect(await label()).toBe(first)
    await page.keyboard.press('ArrowDown')
    expect(await label()).toContain('lane 2,')
    await page.keyboard.press('End')
    const last = (await label())!.split(';')[0]!
    expect(await page.locator('#tip').isVisible()).toBe(true)
    await page.keyboard.press('Enter')
    expect(last).toContain(await page.locator('#details-title').innerText())
    await page.keyboard.press('+')
    await expect.poll(() => page.locator('#zoom-out').isEnabled()).toBe(true)
    expect(await label()).toContain(last)
    await page.keyboard.press('Escape')
    expect(await page.locator('#details').isHidden()).toBe(true)
  })

  test('reaches every instance with the arrow keys, also those out of sight', async () => {
    await open()
    await page.locator('.bar[data-active]').focus()
    const seen = new Set<string>()
    for (let step = 0; step < 60; step++) {
      seen.add((await page.locator('.row:has(.bar:focus)').getAttribute('aria-rowindex'))!)
      await page.keyboard.press('ArrowDown')
    }
    const groups = new Set(RECORD.files.flatMap((file) => Object.keys(file.instances ?? {}))).size
    expect(seen.size).toBe(6 + instanceRows() - groups)
  })

  test.each([
    ['light', { dark: false }],
    ['dark', { dark: true }],
    ['narrow', { width: 390 }],
  ])('breaks no rule of accessibility: %s', async (_, options) => {
    await open({ ...options, hash: `#file=${encodeURIComponent(`[integration] ${FAILED.file}`)}` })
    expect(await violations()).toEqual([])
  })

  test('is dark where the system is, and where the button says so', async () => {
    const background = (): Promise<string> =>
      page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    await open({ dark: true })
    const dark = await background()
    await page.getByRole('button', { name: 'Light / dark' }).click()
    const light = await background()
    expect(light).not.toBe(dark)
    await page.close()
    await open()
    expect(await background()).toBe(light)
  })

  test('fits a telephone: nothing but the timeline and the tables scrolls sideways', async () => {
    await open({ width: 390 })
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(390)
  })

  test('prints every row of the timeline and of the tables', async () => {
    await open()
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(await page.locator('.row').count()).toBe(1 + 6 + instanceRows())
    expect(await rows().count()).toBe(60)
    const pdf = await page.pdf()
    expect(pdf.subarray(0, 4).toString()).toBe('%PDF')
  })

  test('has only what is seen in the page, of ten thousand files', async () => {
    await open({ file: 'large.html' })
    const elements = (): Promise<number> => page.evaluate<number>("document.querySelectorAll('*').length")
    expect(await elements()).toBeLessThan(8000)
    expect(await rows().count()).toBeLessThan(60)
    await page.locator('#files .table-scroll').evaluate((element) => element.scrollTo(0, 1e9))
    await expect.poll(() => rows().last().getAttribute('aria-rowindex')).toBe('10001')
    await page.getByRole('button', { name: 'Zoom in' }).click()
    await page.locator('#timeline').evaluate((element) => element.scrollTo(1e9, 1e9))
    await expect.poll(() => page.locator('.row').last().getAttribute('aria-rowindex')).not.toBeNull()
    expect(await elements()).toBeLessThan(8000)
  })
})
