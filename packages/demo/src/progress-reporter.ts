import type { Reporter } from 'vitest/node'

/** Tells the demo, one line on stdout each, that a file has ended. */
export default class ProgressReporter implements Reporter {
  onTestModuleEnd(): void {
    process.stdout.write('file-ended\n')
  }
}
