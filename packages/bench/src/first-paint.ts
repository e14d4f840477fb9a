import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { remark } from './judge.ts'
import { median } from './median.ts'

const CHROMIUMS = [
  process.env['CHROMIUM_PATH'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]
const ROUNDS = 5

/**
 * From opening a page in a headless Chromium to its first contentful paint, or to its timeline and tables being drawn
 * if that is later; median, ms. Undefined where the machine has no Chromium.
 */
export async function firstPaint(html: string): Promise<number | undefined> {
  const executablePath = CHROMIUMS.find((path) => existsSync(path))
  if (executablePath === undefined) {
    remark('no Chromium here: the first paint is left out')
    return undefined
  }
  const folder = await mkdtemp(join(tmpdir(), 'vitest-lanes-bench-'))
  const browser = await chromium.launch({
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'],
  })
  try {
    const file = join(folder, 'timeline.html')
    await writeFile(file, html)
    const times: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
      await page.goto(pathToFileURL(file).href)
      await page.waitForFunction("performance.getEntriesByName('first-contentful-paint').length > 0")
      times.push(
        await page.evaluate<number>(
          "Math.max(...['first-contentful-paint', 'drawn'].map((name) => performance.getEntriesByName(name)[0].startTime))",
        ),
      )
      await page.close()
    }
    return median(times)
  } finally {
    await browser.close()
    await rm(folder, { recursive: true, force: true })
  }
}
