import { test } from 'vitest'
import { useInstallation } from '../support/installation.ts'
import { installVitest } from '../support/installed-vitest.ts'

// Vitest 5 needs a newer Node.js than we do.
const installation = await installVitest('5.1.1', '24')

// oxlint-disable-next-line vitest/no-conditional-tests -- what is not installed cannot be tried
if (typeof installation === 'string') {
  // oxlint-disable-next-line vitest/expect-expect -- it says why nothing was tried
  test('Vitest 5 behaves as Vitest 4', ({ skip }) => skip(installation))
} else {
  useInstallation(installation)
  await import('./endings.test.ts')
  await import('./instances.test.ts')
  await import('./leaks.test.ts')
  await import('./undeclared.test.ts')
  await import('./scheduling.test.ts')
  await import('./modes.test.ts')
  await import('./reports.test.ts')
  await import('../cli/trials.test.ts')
  await import('./split.test.ts')
  await import('./split-endings.test.ts')
  await import('./compile-cache.test.ts')
}
