import type { ConformanceOptions, TestApi } from './options.ts'
import { runContext, withRun } from './run.ts'

/** What fails says so, and can be ended all the same. */
export function testFailing({ describe, test, expect }: TestApi, options: ConformanceOptions): void {
  const { kill, createBroken, left, mark, marks } = options
  if (kill === undefined && createBroken === undefined) return

  describe('failing', () => {
    if (createBroken !== undefined) {
      test('a provider that cannot serve says why, and can be stopped', async () => {
        const before = await left?.()
        const provider = createBroken()
        const failure = await serve(provider).then(
          () => 'it served',
          (error: unknown) => error,
        )
        expect(failure instanceof Error, `an error, not ${String(failure)}`).toEqual(true)
        expect(failure instanceof Error && failure.message !== '', 'it has a message').toEqual(true)
        await provider.stop?.()
        expect(await left?.()).toEqual(before)
      })
    }

    if (kill !== undefined) {
      test('an instance that dies says so in a sentence', async () => {
        await withRun(options, async ({ open }) => {
          const instance = await open(1)
          expect(instance.lost === undefined, 'it has no `lost`').toEqual(false)
          await kill(instance.env)
          expect(((await instance.lost) ?? '').trim() !== '', 'it says something').toEqual(true)
        })
      })

      test('an instance that died is taken away, and another opened in its place', async () => {
        await withRun(options, async ({ open, dispose }) => {
          const dead = await open(1)
          await mark(dead.env, 'mark')
          await kill(dead.env)
          await dead.lost
          await dispose(dead)
          const { env } = await open(1)
          expect(await marks(env)).toEqual([])
          await mark(env, 'again')
          expect(await marks(env)).toEqual(['again'])
        })
      })

      test('a run whose instances died leaves nothing', async () => {
        const before = await left?.()
        await withRun(options, async ({ open, numbers }) => {
          const instances = await Promise.all(numbers.map((number) => open(number)))
          const [one] = instances
          await kill(one?.env ?? {})
          await one?.lost
        })
        expect(await left?.()).toEqual(before)
      })
    }
  })

  async function serve(provider: ReturnType<ConformanceOptions['create']>): Promise<void> {
    await provider.start?.(runContext(provider.name, 1, options.root))
    await provider.open({ number: 1, mode: 'exclusive' })
  }
}
