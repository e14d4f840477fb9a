import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

const USUAL = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** A Chromium of this machine; `CHROMIUM_PATH` names another. */
export const CHROMIUM = USUAL.find((path) => path !== undefined && path !== '' && existsSync(path))

/** What a title says where there is none. */
export const NO_CHROMIUM = CHROMIUM === undefined ? ' (skipped: no Chromium found, see CHROMIUM_PATH)' : ''

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM!,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
