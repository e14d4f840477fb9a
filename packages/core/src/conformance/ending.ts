import type { ConformanceOptions, Env, TestApi } from './options.ts'
import { runContext, withRun } from './run.ts'

/** What is left at the end: nothing. */
export function testEnding({ describe, test, expect }: TestApi, options: ConformanceOptions): void {
  const { create, mark, marks, left } = options

  /** An address where nobody answers, or where others may be by now, shows none of our marks. */
  const seenAt = (env: Env) => marks(env).catch(() => [])

  describe('ending', () => {
    test('an instance that was disposed of is gone, and the others are not', async () => {
      await withRun(options, async ({ open, dispose, numbers }) => {
        const [one, ...others] = await Promise.all(numbers.map((number) => open(number)))
        await Promise.all([one, ...others].map((instance) => mark(instance?.env ?? {}, 'mark')))
        if (one !== undefined) await dispose(one)
        expect(await Promise.all(others.map(({ env }) => marks(env)))).toEqual(others.map(() => ['mark']))
      })
    })

    test('nothing is left of a run that has stopped', async () => {
      const before = await left?.()
      const envs = await withRun(options, async ({ open, numbers }) => {
        const instances = await Promise.all(numbers.map((number) => open(number)))
        await Promise.all(instances.map(({ env }) => mark(env, 'mark')))
        return instances.map(({ env }) => env)
      })
      expect(await Promise.all(envs.map(seenAt))).toEqual(envs.map(() => []))
      expect(await left?.()).toEqual(before)
    })

    test('a run that ends before an instance was opened leaves nothing either', async () => {
      const before = await left?.()
      await withRun(options, async () => undefined)
      expect(await left?.()).toEqual(before)
    })

    test('an instance that is disposed of is not called lost', async () => {
      const lost: string[] = []
      await withRun(options, async ({ open, dispose, numbers }) => {
        const instances = await Promise.all(numbers.map((number) => open(number)))
        for (const instance of instances) void instance.lost?.then((how) => lost.push(how))
        const [one] = instances
        if (one !== undefined) await dispose(one)
      })
      expect(lost).toEqual([])
    })

    test('two providers of one configuration can be started at once, and stopped in any order', async () => {
      const before = await left?.()
      const providers = [create(), create()]
      await Promise.all(
        providers.map(async (provider) => provider.start?.(runContext(provider.name, 1, options.root))),
      )
      for (const provider of providers) await provider.stop?.()
      expect(await left?.()).toEqual(before)
    })
  })
}
