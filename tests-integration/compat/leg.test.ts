import { describe, expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import { inBoth } from './compare.ts'
import { IN_PARTS, LEG } from './leg.ts'
import { suite } from './suite.ts'

describe('The versions', () => {
  test('are those that the matrix names', async () => {
    await using project = await createProject({})
    const { code, stdout } = await project.vitest(['--version']).ended
    expect(code).toBe(0)
    const [vitest, node] = LEG === undefined ? ['4.', process.versions.node] : LEG.split(' on ')
    expect(stdout).toMatch(new RegExp(`^vitest/${pattern(vitest)}.* node-v${pattern(node)}`))
  })

  test.runIf(IN_PARTS)('run files in parts where they can', async () => {
    await using project = await createProject(suite())
    const { lanes } = await inBoth((env) => project.run([], { env }))
    const inParts = lanes.record?.files.filter(
      ({ parts, again }) => parts !== undefined && again === undefined,
    )
    expect(inParts?.map(({ file }) => file).sort()).toEqual([
      'tests/mixed.test.ts',
      'tests/one/provided.test.ts',
      'tests/tagged.test.ts',
    ])
  })
})

function pattern(version = ''): string {
  return version.replaceAll('.', String.raw`\.`)
}
