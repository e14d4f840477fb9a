import { fileKey, pathOfKey } from '@vitest-lanes/core'
import { fromRoot } from '../../files/path.ts'
import { openVitest } from '../vitest-of.ts'
import type { ProjectOptions } from '../vitest-of.ts'
import type { KnownTest } from './target.ts'

/** The tests of a file, as Vitest collects them, with the lines at which they begin. */
export async function collectTests(options: ProjectOptions, key: string): Promise<readonly KnownTest[]> {
  const vitest = await openVitest(options)
  try {
    // Read when a worker is given its configuration: seen on 4.1.12 and 5.1.1.
    for (const { config } of [vitest, ...vitest.projects]) config.includeTaskLocation = true
    const specs = (await vitest.globTestSpecifications([pathOfKey(key)])).filter(
      ({ moduleId, project }) =>
        fileKey({ file: fromRoot(vitest.config.root, moduleId), project: project.name }) === key,
    )
    const { testModules } = await vitest.collectTests(specs)
    return testModules.flatMap((module) =>
      [...module.children.allTests()].map(({ fullName, location }): KnownTest => ({
        name: fullName,
        ...(location === undefined ? {} : { line: location.line }),
      })),
    )
  } finally {
    await vitest.close()
  }
}
