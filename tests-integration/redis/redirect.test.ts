import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import type { OpenInstance } from '@vitest-lanes/core'
import { freePort } from '../support/free-port.ts'
import { expect, test } from 'vitest'
import { connect, describeEngines, startRedis } from './engines.ts'

const run = promisify(execFile)

async function redirected({ env }: OpenInstance, free: number) {
  const script = path.join(import.meta.dirname, 'fixtures', 'redirected.mjs')
  const { stdout } = await run(process.execPath, [script, String(free)], { env: { ...process.env, ...env } })
  return JSON.parse(stdout)
}

describeEngines((engine) => {
  test('code that names localhost:6379 finds its own instance, from the process, its children and its threads', async () => {
    await using started = await startRedis({ engine, redirect: ['localhost:6379'] })
    const [one, two] = [await started.open(1), await started.open(2)]
    const free = await freePort()
    const refused = { message: `connect ECONNREFUSED 127.0.0.1:${free}`, address: '127.0.0.1', port: free }
    const from = (name: string, count: number) => ({
      localhost: count + 1,
      '127.0.0.1': count + 2,
      '::1': count + 3,
      seen: ['::1', 6379],
      url: name,
      big: 'OK1000000',
      refused,
    })
    const expected = { process: from('process', 0), child: from('child', 3), thread: from('thread', 6) }
    expect(await redirected(one, free)).toEqual(expected)
    expect(await redirected(two, free)).toEqual(expected)
    using client = connect(one)
    expect(await client.get('counter')).toBe('9')
  })

  test('the error for an instance that is gone names the address that the code named', async () => {
    await using started = await startRedis({ engine, redirect: ['localhost:6390'] })
    const instance = await started.open()
    await instance.dispose()
    const script = `require('net').connect(6390, '127.0.0.1').on('error', ({ message, port }) => console.log(message, port))`
    const { stdout } = await run(process.execPath, ['-e', script], {
      env: { ...process.env, ...instance.env },
    })
    expect(stdout).toBe('connect ECONNREFUSED 127.0.0.1:6390 6390\n')
  })

  test('a named server can be redirected to: the code lands in the database of its instance', async () => {
    await using servers = await startRedis({ engine })
    const server = await servers.open()
    const named = (server.env['REDIS_URL'] ?? '').replace(/\/0$/, '')
    await using started = await startRedis({ server: named, redirect: ['127.0.0.1:6379'] })
    const instance = await started.open()
    const script = `const c = require('net').connect(6379); c.write('SET key value\\r\\n'); c.once('data', (d) => { console.log(String(d).trim()); c.end() })`
    const { stdout } = await run(process.execPath, ['-e', script], {
      env: { ...process.env, ...instance.env },
    })
    expect(stdout).toBe('+OK\n')
    using client = connect(instance)
    expect(client.options.db).toBeGreaterThan(0)
    expect(await client.get('key')).toBe('value')
  })
})

test('without redirect, nothing is loaded into the processes', async () => {
  await using started = await startRedis({ engine: 'embedded' })
  const { env } = await started.open()
  expect(Object.keys(env).filter((name) => !name.startsWith('REDIS_'))).toEqual([])
})

test('what else is opened is not touched: other ports, other hosts, sockets by path', async () => {
  await using started = await startRedis({ engine: 'embedded', redirect: ['localhost:6379'] })
  const { env } = await started.open()
  const server = createServer((socket) => socket.end('mine')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const script = `const net = require('net')
    const read = (...args) => new Promise((resolve) => {
      const socket = net.connect(...args, () => {})
      socket.on('data', (data) => resolve(String(data))).on('error', (error) => resolve(error.code))
    })
    Promise.all([read(${port}), read({ port: ${port}, host: 'localhost' }), read('/nowhere/6379'), read({ port: '${port}', host: '127.0.0.1' })])
      .then((all) => console.log(all.join(' ')))`
  const { stdout } = await run(process.execPath, ['-e', script], { env: { ...process.env, ...env } })
  expect(stdout).toBe('mine mine ENOENT mine\n')
  server.close()
})
