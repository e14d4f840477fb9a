import { describe, expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import { LEG } from './leg.ts'

describe('The versions', () => {
  test('are those that the matrix names', async () => {
    await using project = await createProject({})
    const { code, stdout } = await project.vitest(['--version']).ended
    expect(code).toBe(0)
    const [vitest, node] = LEG === undefined ? ['4.', process.versions.node] : LEG.split(' on ')
    expect(stdout).toMatch(new RegExp(`^vitest/${pattern(vitest)}.* node-v${pattern(node)}`))
  })
})

function pattern(version = ''): string {
  return version.replaceAll('.', String.raw`\.`)
}
