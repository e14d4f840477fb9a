import { redis, type RedisOptions } from '@vitest-lanes/redis'
import { engineFromEnvironment, findBinary, type Engine } from '@vitest-lanes/server'
import type { OpenInstance, Provider } from '@vitest-lanes/core'
import { Redis, type RedisOptions as ClientOptions } from 'ioredis'
import { describe } from 'vitest'

const forced = engineFromEnvironment()
const binary = await findBinary(['valkey-server', 'redis-server'])

/** A server that was started for the tests and may be emptied, as `.ci/named-servers` does: its URL, without a database. */
const theirs = process.env['LANES_TEST_REDIS']

/** Why an engine cannot be tested here; `undefined` if it can. */
function whyNot(engine: Engine): string | undefined {
  if (theirs !== undefined) return 'LANES_TEST_REDIS is set'
  if (forced !== undefined && forced !== engine) return `VITEST_LANES_ENGINE is ${forced}`
  if (engine === 'native' && binary === undefined) return 'no valkey-server or redis-server on the PATH'
  return undefined
}

/** Why what needs a native server cannot be tested here; `undefined` if it can. */
export const withoutNative: string | undefined = whyNot('native')

/** Runs the tests for each engine that this machine has, and reports the other as skipped, with the reason. */
export function describeEngines(tests: (engine: Engine) => void): void {
  for (const engine of ['native', 'embedded'] as const) {
    const reason = whyNot(engine)
    describe.skipIf(reason !== undefined)(`${engine}${reason === undefined ? '' : ` (${reason})`}`, () => {
      tests(engine)
    })
  }
}

/** What stands for the server of a user. */
export type Server = Engine | 'named'

/** Runs the tests on the server of `LANES_TEST_REDIS` if it is set, else on what each engine starts. */
export function describeServers(tests: (server: Server) => void): void {
  if (theirs === undefined) return describeEngines(tests)
  describe('named', () => {
    tests('named')
  })
}

/** A provider that opens the server of a user. It is empty. */
export async function startServer(server: Server): Promise<Started> {
  if (server !== 'named') return startRedis({ engine: server })
  const { hostname, port } = new URL(theirs ?? '')
  const env = { REDIS_URL: `${theirs}/0`, REDIS_HOST: hostname, REDIS_PORT: port }
  const instance: OpenInstance = { env, dispose: () => Promise.resolve() }
  using client = connect(instance)
  await client.flushall()
  const users = (await client.call('ACL', 'USERS')) as string[]
  for (const user of users) if (user !== 'default') await client.call('ACL', 'DELUSER', user)
  return {
    provider: { name: 'theirs', open: () => Promise.resolve(instance) },
    log: [],
    source: undefined,
    open: () => Promise.resolve(instance),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

export interface Started {
  readonly provider: Provider
  readonly log: string[]
  readonly source: string | undefined
  open(number?: number): Promise<OpenInstance>
  [Symbol.asyncDispose](): Promise<void>
}

/** A provider that has started; ends with all that it opened at the end of the block. */
export async function startRedis(options: RedisOptions = {}, instances = 4): Promise<Started> {
  const provider = redis(options)
  const log: string[] = []
  const opened = new Set<OpenInstance>()
  const started = await provider.start?.({
    resource: 'redis',
    runId: 'testtestte',
    root: process.cwd(),
    lanes: instances,
    instances,
    log: (line) => log.push(line),
  })
  return {
    provider,
    log,
    source: started?.source,
    async open(number = 1) {
      const instance = await provider.open({ number, mode: 'exclusive' })
      opened.add(instance)
      const dispose = async () => {
        if (opened.delete(instance)) await instance.dispose()
      }
      return { ...instance, dispose }
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([...opened].map((instance) => instance.dispose()))
      await provider.stop?.()
    },
  }
}

/** A client that is closed at the end of the block, and does not come back when it is thrown out. */
export function connect(instance: OpenInstance, options: ClientOptions = {}): Redis & Disposable {
  const client = new Redis(instance.env['REDIS_URL'] ?? '', {
    retryStrategy: () => null,
    maxRetriesPerRequest: null,
    ...options,
  })
  client.on('error', () => undefined)
  return Object.assign(client, { [Symbol.dispose]: () => client.disconnect() })
}

/** Resets a server while a script runs in it that never ends; resolves with what the reset says of that. */
export async function resetUnderEndlessScript(instance: OpenInstance): Promise<Error> {
  for (;;) {
    using client = connect(instance)
    await client.ping()
    client.eval('while true do end', 0).catch(() => undefined)
    const failure = await instance.reset?.().then(
      () => undefined,
      (error: Error) => error,
    )
    // Else the reset came before the script had begun.
    if (failure !== undefined) return failure
  }
}
