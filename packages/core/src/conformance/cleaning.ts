import type { ConformanceOptions, TestApi } from './options.ts'
import { withRun } from './run.ts'

/** What lies between two files. */
export function testCleaning({ describe, test, expect }: TestApi, options: ConformanceOptions): void {
  const { mark, marks } = options

  describe('cleaning', () => {
    test('an instance is clean for each next file, and can be used again', async () => {
      await withRun(options, async (run) => {
        let instance = await run.open(1)
        for (const name of ['one', 'two', 'three']) {
          await mark(instance.env, name)
          expect(await marks(instance.env)).toEqual([name])
          instance = await run.clean(instance)
          expect(await marks(instance.env)).toEqual([])
        }
      })
    })

    test('cleaning one instance leaves the others as they are', async () => {
      await withRun(options, async (run) => {
        const [one, ...others] = await Promise.all(run.numbers.map((number) => run.open(number)))
        await Promise.all([one, ...others].map((instance) => mark(instance?.env ?? {}, 'mark')))
        if (one !== undefined) await run.clean(one)
        expect(await Promise.all(others.map(({ env }) => marks(env)))).toEqual(others.map(() => ['mark']))
      })
    })

    test('instances can be cleaned at the same time', async () => {
      await withRun(options, async (run) => {
        const instances = await Promise.all(run.numbers.map((number) => run.open(number)))
        await Promise.all(instances.map(({ env }) => mark(env, 'mark')))
        const clean = await Promise.all(instances.map((instance) => run.clean(instance)))
        expect(await Promise.all(clean.map(({ env }) => marks(env)))).toEqual(clean.map(() => []))
      })
    })

    test('a number that was given back is opened anew, and clean', async () => {
      await withRun(options, async ({ open, dispose }) => {
        for (const mode of ['exclusive', 'shared', 'exclusive'] as const) {
          const instance = await open(1, mode)
          expect(await marks(instance.env)).toEqual([])
          if (mode === 'exclusive') await mark(instance.env, 'mark')
          await dispose(instance)
        }
      })
    })

    test('what is done to an instance that is watched is told, and it can be cleaned afterwards', async () => {
      await withRun(options, async (run) => {
        const instance = await run.open(1)
        const watching = await instance.watch?.()
        await mark(instance.env, 'mark')
        const part = await watching?.stop()
        // What cannot be seen is said.
        const told = (part?.uses.length ?? 0) + (part?.unseen?.length ?? 0)
        expect(watching === undefined || told > 0).toEqual(true)
        const clean = await run.clean(instance)
        expect(await marks(clean.env)).toEqual([])
      })
    })

    test('looking at what a file has left changes nothing', async () => {
      await withRun(options, async ({ open }) => {
        const instance = await open(1)
        await mark(instance.env, 'mark')
        const findings = (await instance.inspect?.()) ?? []
        const odd = findings.filter(({ kind, message }) => kind === '' || message === '')
        expect(odd, 'a finding has a kind and a message').toEqual([])
        expect(await marks(instance.env)).toEqual(['mark'])
      })
    })
  })
}
