import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { openRunFolder, processIdentity, startServer, type RunFolder } from '@vitest-lanes/server'
import { afterEach, beforeEach, expect, test } from 'vitest'

let runFolder: RunFolder
let base: string
beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'vl-'))
  runFolder = await openRunFolder({ base })
})
afterEach(async () => {
  await runFolder.close()
  await rm(base, { recursive: true, force: true })
})

const recorded = () => {
  const folder = path.join(runFolder.path, 'servers')
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : []
}

const node = (script: string) => ({
  name: 'node',
  command: process.execPath,
  args: ['-e', script],
  runFolder,
})

test('a server that ends before it is ready is an error with its last words', async () => {
  const start = startServer({ ...node('console.error("no room"); process.exit(3)'), ready: /listening/ })
  await expect(start).rejects.toMatchObject({
    code: 'LANES_SERVER_START',
    message: expect.stringMatching(/node ended before it was ready \(exit code 3\)[^]*no room/),
  })
})

test('a server that is not ready in time is ended, and is an error', async () => {
  const start = startServer({
    ...node('setInterval(() => {}, 1000)'),
    ready: async () => false,
    readyTimeout: 100,
  })
  await expect(start).rejects.toMatchObject({
    code: 'LANES_SERVER_START',
    message: expect.stringContaining('was not ready within 0.1 s'),
  })
})

test('a command that does not exist is an error', async () => {
  const start = startServer({
    name: 'nothing',
    command: path.join(base, 'nothing'),
    runFolder,
    ready: /listening/,
  })
  await expect(start).rejects.toMatchObject({ code: 'LANES_SERVER_START' })
})

test('a server that cannot be written down is an error, and does not begin', async () => {
  await rm(path.join(runFolder.path, 'servers'), { recursive: true })
  const begun = path.join(base, 'begun')
  const start = startServer({
    ...node(`require('fs').writeFileSync(${JSON.stringify(begun)}, '')`),
    ready: /listening/,
  })
  await expect(start).rejects.toMatchObject({
    code: 'LANES_SERVER_START',
    message: expect.stringContaining('node could not be written down: '),
  })
  expect(existsSync(begun)).toBe(false)
  await expect.poll(() => process.getActiveResourcesInfo()).not.toContain('ProcessWrap')
})

test('a ready function that throws ends the server', async () => {
  let pid: number | undefined
  const start = startServer({
    ...node('setInterval(() => {}, 1000)'),
    ready: async (server) => {
      pid = server.pid
      throw new Error('wrong kind of server')
    },
  })
  await expect(start).rejects.toThrow('wrong kind of server')
  expect(pid === undefined ? undefined : await processIdentity(pid)).toBeUndefined()
  expect(pid).toBeDefined()
})

test('a server that is killed as it is written down is an error, not a wait for ever', async () => {
  for (let time = 0; time < 20; time++) {
    const before = new Set(recorded())
    const start = startServer({ ...node('setInterval(() => {}, 1000)'), ready: /listening/ })
    const killing = (async () => {
      for (;;) {
        const name = recorded().find((one) => !before.has(one))
        if (name !== undefined) return process.kill(Number.parseInt(name, 10), 'SIGKILL')
        await setImmediate()
      }
    })()
    await expect(start).rejects.toMatchObject({ code: 'LANES_SERVER_START' })
    await killing
  }
  expect(recorded()).toEqual([])
})

test('arguments, environment and input arrive as they are, and secrets are masked in the output', async () => {
  const script =
    'process.stdin.once("data", (b) => console.log(process.argv[1], process.env.ODD, String(b).trim(), "up"))'
  const server = await startServer({
    ...node(script),
    args: ['-e', script, `a 'b' "c" $d \\e`],
    env: { ...process.env, ODD: `x 'y' "z"` },
    input: 'hush hush\n',
    secrets: ['hush hush'],
    ready: /up/,
  })
  expect(server.lastOutput()).toBe(`a 'b' "c" $d \\e x 'y' "z" *** up\n`)
  await server.stop()
})

test('a server that ends by itself says how', async () => {
  const server = await startServer({
    ...node('console.log("up"); setTimeout(() => process.exit(4), 10)'),
    ready: /up/,
  })
  expect(await server.exited).toEqual({ code: 4, signal: null })
  expect(await server.stop()).toEqual({ code: 4, signal: null })
})
