import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A Node.js and the packages that an inline project sees in its `node_modules`. */
export interface Installation {
  readonly node: string
  /** Where its commands are, such as `tsc`. */
  readonly bin: string
  /** Package name to its folder. */
  readonly packages: Readonly<Record<string, string>>
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const OTHER = 'LANES_TEST_INSTALLATION'

/** From here on, the projects of this process are made with another installation. */
export function useInstallation(installation: Installation): void {
  process.env[OTHER] = JSON.stringify(installation)
}

/** What projects are made with: this workspace, if nothing else has been said. */
export function currentInstallation(): Installation {
  const other = process.env[OTHER]
  return other === undefined ? workspace : (JSON.parse(other) as Installation)
}

/** What Vitest needs for coverage, UI and browsers, in its own version. */
export const VITEST_PACKAGES = [
  '@vitest/browser-playwright',
  '@vitest/coverage-istanbul',
  '@vitest/coverage-v8',
  '@vitest/ui',
] as const

/** This workspace: its Vitest, and its packages as they are built. */
export const workspace: Installation = installed(join(ROOT, 'node_modules'), process.execPath, [
  'vite',
  'vitest',
  ...VITEST_PACKAGES,
  'vitest-lanes',
  '@vitest-lanes/core',
  '@vitest-lanes/redis',
  '@vitest-lanes/postgres',
])

/** What is installed in a `node_modules` folder. */
export function installed(folder: string, node: string, names: readonly string[]): Installation {
  return {
    node,
    bin: join(folder, '.bin'),
    packages: Object.fromEntries(names.map((name) => [name, realpathSync(join(folder, name))])),
  }
}
