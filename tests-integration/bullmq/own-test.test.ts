import { bullmqFixtures, type BullmqFixtures } from '@vitest-lanes/bullmq/fixture'
import { postgresFixtures, type PostgresFixtures } from '@vitest-lanes/postgres/fixture'
import { redisFixtures, type RedisFixtures } from '@vitest-lanes/redis/fixture'
import { describe, test as base } from 'vitest'

const yours = base.extend<{ greeting: string }>({ greeting: 'hello' })

const test = yours
  .extend<RedisFixtures>(redisFixtures)
  .extend<PostgresFixtures>(postgresFixtures)
  .extend<BullmqFixtures>(bullmqFixtures)
  .extend<{ greeted: string }>({
    greeted: async ({ bullmq, greeting }, use) => {
      bullmq.worker('greetings', async (job) => `${job.data} world`)
      await use(await bullmq.settled(await bullmq.queue('greetings').add('greet', greeting)))
    },
  })

describe('a test of the user', () => {
  test('takes the fixtures in, and gives them to others', async ({ greeted, redis, pg, expect }) => {
    expect(greeted).toBe('hello world')
    expect(await redis.keys('bull:greetings:id')).toEqual(['bull:greetings:id'])
    expect((await pg.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  })

  describe('in a suite', () => {
    test.override({ greeting: 'good morning' })

    test('may be overridden in part', ({ greeted, expect }) => {
      expect(greeted).toBe('good morning world')
    })
  })
})

describe('a variable of the process', () => {
  test('is had by one test at a time', async ({ bullmq, bullmqVariables, expect }) => {
    bullmq.exposePrefix('OWN_PREFIX')

    expect(process.env['OWN_PREFIX']).toBe(bullmq.prefix)
    expect(() => bullmqVariables.set({}, 'OWN_PREFIX', 'other')).toThrow('LANES_FIXTURE_USE')
  })
})
