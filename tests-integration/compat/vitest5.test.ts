import { test } from 'vitest'
import { installVitest } from '../support/installed-vitest.ts'
import { useInstallation } from '../support/installation.ts'

// Vitest 5 needs a newer Node.js than we do. All cells: `pnpm proof matrix`.
const installation = await installVitest('5.1.1', '24')

// oxlint-disable-next-line vitest/no-conditional-tests -- what is not installed cannot be tried
if (typeof installation === 'string') {
  // oxlint-disable-next-line vitest/expect-expect -- it says why nothing was tried
  test('Vitest 5 is compared', ({ skip }) => skip(installation))
} else {
  useInstallation(installation)
  await import('./projects.test.ts')
  await import('./watch.test.ts')
}
