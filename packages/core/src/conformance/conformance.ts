import type { ConformanceOptions, TestApi } from './options.ts'
import { testCleaning } from './cleaning.ts'
import { testEnding } from './ending.ts'
import { testFailing } from './failing.ts'
import { testOpening } from './opening.ts'

/**
 * Registers the tests that every provider passes, with the test framework that is handed in. They use the provider as
 * the plugin does: one `start`, instances by number, `reset` or `dispose` and `open` between two files, `dispose` of
 * each instance, `stop`. Give each test half a minute where a server has to be installed first.
 *
 * ```ts
 * conformance({ describe, test, expect }, { create: () => mysql(), mark, marks })
 * ```
 */
export function conformance(api: TestApi, options: ConformanceOptions): void {
  testOpening(api, options)
  testCleaning(api, options)
  testEnding(api, options)
  testFailing(api, options)
}
