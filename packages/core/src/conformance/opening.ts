import type { ConformanceOptions, TestApi } from './options.ts'
import { INSTANCES, withRun } from './run.ts'

const VARIABLE = /^[A-Za-z_]\w*$/

/** What a file is given. */
export function testOpening({ describe, test, expect }: TestApi, options: ConformanceOptions): void {
  const { create, mark, marks, left } = options

  describe('opening', () => {
    test('a provider says its name and how many instances it has', async () => {
      const { name, instances = 'lanes' } = create()
      expect(name !== '', 'it has a name').toEqual(true)
      const counts = instances === 'lanes' || (Number.isInteger(instances) && instances > 0)
      expect(counts, '`instances` is `lanes` or a whole number from 1').toEqual(true)
    })

    if (left !== undefined) {
      test('a provider that was made and not started has made nothing', async () => {
        const before = await left()
        create()
        expect(await left()).toEqual(before)
      })
    }

    test('starting tells where instances come from, and of no more than were asked for', async () => {
      await withRun(options, async ({ started, lines }) => {
        const { source, instances } = started
        expect(source === undefined || source.trim() !== '', '`source` says something').toEqual(true)
        const fits = instances === undefined || (Number.isInteger(instances) && instances > 0)
        expect(fits, '`instances` is a whole number from 1').toEqual(true)
        expect(instances === undefined || instances <= (options.instances ?? INSTANCES), 'no more').toEqual(
          true,
        )
        expect(
          lines.filter((line) => line.trim() === '' || line.includes('\n')),
          'what is told is one line each time',
        ).toEqual([])
      })
    })

    test('an instance has variables, each with a name and a text that is not empty', async () => {
      await withRun(options, async ({ open }) => {
        const variables = Object.entries((await open(1)).env)
        expect(variables.length > 0, 'there are variables').toEqual(true)
        const odd = variables.filter(
          ([name, value]) => !VARIABLE.test(name) || typeof value !== 'string' || value === '',
        )
        expect(odd.map(([name]) => name)).toEqual([])
      })
    })

    test('a first instance is clean, and can be used', async () => {
      await withRun(options, async ({ open }) => {
        const { env } = await open(1)
        expect(await marks(env)).toEqual([])
        await mark(env, 'one')
        expect(await marks(env)).toEqual(['one'])
      })
    })

    test('instances that are opened at the same time do not see each other', async () => {
      await withRun(options, async ({ open, numbers }) => {
        const instances = await Promise.all(numbers.map((number) => open(number)))
        await Promise.all(instances.map(({ env }, index) => mark(env, `mark${index}`)))
        const seen = await Promise.all(instances.map(({ env }) => marks(env)))
        expect(seen).toEqual(instances.map((_, index) => [`mark${index}`]))
      })
    })

    test('a shared instance serves several at once, and shows nothing of the others', async () => {
      await withRun(options, async ({ open, numbers }) => {
        const [shared, ...others] = await Promise.all(
          numbers.map((number) => open(number, number === 1 ? 'shared' : 'exclusive')),
        )
        await Promise.all(others.map(({ env }) => mark(env, 'exclusive')))
        const env = shared?.env ?? {}
        expect(await Promise.all([marks(env), marks(env), marks(env)])).toEqual([[], [], []])
      })
    })

    test('two runs of one configuration do not see each other', async () => {
      await withRun(options, async (one) => {
        await withRun(options, async (two) => {
          const [first, second] = await Promise.all([one.open(1), two.open(1)])
          await mark(first.env, 'first')
          expect(await marks(second.env)).toEqual([])
          await mark(second.env, 'second')
          await two.clean(second)
          expect(await marks(first.env)).toEqual(['first'])
        })
      })
    })
  })
}
