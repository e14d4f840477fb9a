import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Provider } from '@vitest-lanes/core'
import { conformance, type Env } from '@vitest-lanes/core/conformance'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { ports, type PortsOptions } from 'vitest-lanes'

/** What files listen with, by port. Each ends with the process of its file, as it is in a run. */
const listening = new Map<number, Server>()

async function listenOn(port: number, answer = ''): Promise<void> {
  const server = createServer((socket) => socket.end(answer))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  listening.set(port, server)
}

async function exit(port: number): Promise<void> {
  const server = listening.get(port)
  if (!listening.delete(port) || server === undefined) return
  server.close()
  await once(server, 'close')
}

/** The process of a file has exited before its instance is disposed of. */
function withProcesses(provider: Provider): Provider {
  return {
    ...provider,
    async open(request) {
      const instance = await provider.open(request)
      return {
        ...instance,
        async dispose() {
          await exit(portOf(instance.env))
          await instance.dispose()
        },
      }
    },
  }
}

const portOf = (env: Env) => Number(env['PORT'])

/** A port on which this process listens until the tests have ended. */
const foreign = createServer()
foreign.listen(0, '127.0.0.1')
await once(foreign, 'listening')
afterAll(() => void foreign.close())
const address = foreign.address()
const taken = typeof address === 'object' ? (address?.port ?? 0) : 0

const isRefused = (error: unknown) => error instanceof Error && error.message.includes('ECONNREFUSED')

describe('ports()', () => {
  conformance(
    { describe, test, expect },
    {
      create: () => withProcesses(ports()),
      createBroken: () => ports({ usual: taken, instances: 1 }),
      mark: (env, name) => listenOn(portOf(env), name),
      async marks(env) {
        const socket = connect(portOf(env), '127.0.0.1')
        return text(socket).then(
          (answer) => [answer],
          (error: unknown) => {
            if (isRefused(error)) return []
            throw error
          },
        )
      },
    },
  )
})

/** Starts a provider for so many lanes; it stops after the test. */
async function start(options: PortsOptions, lanes: number) {
  const provider = ports(options)
  const context = { resource: 'api', runId: 'testtestte', root: '/', lanes, instances: lanes, log() {} }
  await provider.start?.(context)
  onTestFinished(() => provider.stop?.())
  return (number: number) => provider.open({ number, mode: 'exclusive' })
}

test('the variable of the port can be named', async () => {
  const open = await start({ name: 'API_PORT' }, 1)
  expect(Object.keys((await open(1)).env)).toEqual(['API_PORT'])
})

test('many instances of several runs at once get ports that all differ', async () => {
  const runs = await Promise.all(Array.from({ length: 4 }, () => start({}, 50)))
  const opened = await Promise.all(
    runs.flatMap((open) => Array.from({ length: 50 }, (_, index) => open(index + 1))),
  )
  expect(new Set(opened.map(({ env }) => portOf(env))).size).toBe(200)
})

test('a port that a file has left in use is not given to the next', async () => {
  const open = await start({}, 1)
  const first = await open(1)
  await listenOn(portOf(first.env))
  onTestFinished(() => exit(portOf(first.env)))
  await first.dispose()
  const others = await Promise.all(Array.from({ length: 62 }, () => open(1)))
  expect(others.map(({ env }) => portOf(env))).not.toContain(portOf(first.env))
})

test('a run with one instance gets the usual port, and one with more does not', async () => {
  const usual = portOf((await (await start({}, 1))(1)).env)
  const alone = await start({ usual }, 1)
  expect(portOf((await alone(1)).env)).toBe(usual)
  const many = await start({ usual }, 2)
  expect(portOf((await many(1)).env)).not.toBe(usual)
})

test('a usual port that is in use is an error that says what to do', async () => {
  const open = await start({ usual: taken }, 1)
  await expect(open(1)).rejects.toMatchObject({
    code: 'LANES_PROVIDER_OPEN',
    message: expect.stringContaining(`api: port ${taken} is in use.\n  → End what listens there`),
  })
})

test.each([
  [{ nme: 'PORT' }, 'LANES_OPTION_UNKNOWN', 'Did you mean `name`?'],
  [{ name: 'MY-PORT' }, 'LANES_OPTION_INVALID', 'the name of an environment variable, got `"MY-PORT"`'],
  [{ usual: 70_000 }, 'LANES_OPTION_INVALID', 'a port, from 1 to 65535, got `70000`'],
  [{ instances: 0 }, 'LANES_OPTION_INVALID', "a whole number from 1, or 'lanes', got `0`"],
])('the options %j are refused', (options, code, message) => {
  expect(() => ports(options as PortsOptions)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  )
})
