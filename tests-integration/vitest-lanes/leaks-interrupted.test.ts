import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { recorded } from '../support/outcome.ts'
import { createProject } from '../support/project.ts'
import { file } from '../support/sources.ts'

/** A provider that says how long it looks at what a file left: until it is told, or for ever. */
const config = (pool: string) => `
  import { defineConfig } from 'vitest/config'
  import { lanes } from 'vitest-lanes'
  import { tell, until } from './events.ts'
  const box = () => ({
    name: 'box',
    async open({ number }) {
      tell('open', { number })
      return {
        env: {},
        async inspect() {
          tell('inspect')
          await until((told) => told.some(({ what }) => what === 'looked'))
          return [{ kind: 'box-open', message: 'A box is open.', resource: 'box' }]
        },
        reset: async () => tell('reset', { number }),
        dispose: async () => tell('dispose', { number }),
      }
    },
    stop: async () => tell('stop'),
  })
  export default defineConfig({
    plugins: [lanes({ lanes: 1, leaks: 'fail', resources: { box: box() }, files: { '**': ['box'] } })],
    test: { pool: '${pool}', sequence: { sequencer: (await import('./by-name.ts')).ByName } },
  })
`
const BY_NAME = `
  import { BaseSequencer } from 'vitest/node'
  export class ByName extends BaseSequencer {
    async sort(specs) {
      return [...specs].sort((a, b) => (a.moduleId < b.moduleId ? -1 : 1))
    }
  }
`

describe.each([
  ['forks', 'SIGINT', 'process', 130],
  ['forks', 'SIGINT', 'group', 130],
  ['threads', 'SIGINT', 'process', 130],
  ['forks', 'SIGTERM', 'process', 143],
] as const)('%s: %s to the %s', (pool, signal, whom, status) => {
  test.each([
    ['never ends', 'passed'],
    ['finds something', 'failed'],
  ] as const)(
    'while it is looked at what a file left, which %s, ends the run, and every file is accounted for',
    async (look, outcome) => {
      await using project = await createProject({
        'vitest.config.ts': config(pool),
        'by-name.ts': BY_NAME,
        'a.test.ts': file('expect(1).toBe(1)'),
        'b.test.ts': file("tell('ran')"),
      })
      const started = project.start()
      await started.told((all) => all.some(({ what }) => what === 'inspect'))

      started.kill(signal, whom)
      if (look === 'finds something') {
        await started.until((output) => output.includes(`${signal}: ending the run`))
        await appendFile(join(project.root, 'events.jsonl'), '{"what":"looked"}\n')
      }
      const run = await started.ended

      expect(run.code).toBe(status)
      expect(recorded(run)).toEqual({ 'a.test.ts': outcome, 'b.test.ts': 'cancelled' })
      expect(run.record?.outcome).toBe('interrupted')
      expect(run.report?.testResults).toHaveLength(2)
      expect(run.stdout + run.stderr).not.toContain('unexpectedly')
      expect(run.events.map(({ what }) => what)).not.toContain('ran')
      const opened = run.events.filter(({ what }) => what === 'open')
      expect(run.events.filter(({ what }) => what === 'dispose')).toHaveLength(opened.length)
      expect(run.events.filter(({ what }) => what === 'stop')).toHaveLength(1)
    },
  )
})
