import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { conformance, type Env } from '@vitest-lanes/core/conformance'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tmpdir, type TmpdirOptions } from 'vitest-lanes'
import { ownRunFolders } from './left.ts'

const folderOf = (env: Env) => env['TMPDIR'] ?? ''

describe('tmpdir()', () => {
  conformance(
    { describe, test, expect },
    {
      create: () => tmpdir(),
      mark: (env, name) => writeFile(path.join(folderOf(env), name), name),
      marks: (env) => readdir(folderOf(env)),
      left: ownRunFolders,
    },
  )
})

const context = { resource: 'scratch', runId: 'testtestte', root: '/', lanes: 2, instances: 2, log() {} }

async function start(options: TmpdirOptions = {}) {
  const provider = tmpdir(options)
  await provider.start?.(context)
  onTestFinished(() => provider.stop?.())
  return () => provider.open({ number: 1, mode: 'exclusive' })
}

test('the variable of the folder can be named', async () => {
  const open = await start({ name: 'UPLOADS' })
  expect(Object.keys((await open()).env)).toEqual(['UPLOADS'])
})

test('a folder is emptied of whatever a file has left in it: hidden, nested, without permissions', async () => {
  const open = await start()
  const instance = await open()
  const root = folderOf(instance.env)
  await mkdir(path.join(root, 'deep', 'er'), { recursive: true })
  await writeFile(path.join(root, '.hidden'), '')
  await writeFile(path.join(root, 'deep', 'er', 'file'), '', { mode: 0 })
  await chmod(path.join(root, 'deep', 'er'), 0)
  await chmod(path.join(root, 'deep'), 0o500)
  await instance.reset?.()
  expect(await readdir(root)).toEqual([])
  expect(await readdir(path.dirname(root))).not.toContain(expect.stringMatching(/^t1-/))
})

test('a file that has removed its folder does no harm to the next', async () => {
  const open = await start()
  const instance = await open()
  await rm(folderOf(instance.env), { recursive: true })
  await instance.reset?.()
  expect(await readdir(folderOf(instance.env))).toEqual([])
})

test('the folders of a run that was killed are removed by the next', async () => {
  const script = `
    import { tmpdir } from 'vitest-lanes'
    const provider = tmpdir()
    await provider.start(${JSON.stringify(context)})
    const { env } = await provider.open({ number: 1, mode: 'exclusive' })
    console.log(env.TMPDIR)
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [folder] = await once(createInterface(child.stdout), 'line')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(existsSync(String(folder))).toBe(true)
  const provider = tmpdir()
  await provider.start?.(context)
  await provider.stop?.()
  expect(existsSync(String(folder))).toBe(false)
})

test.each([
  [{ nam: 'TMPDIR' }, 'LANES_OPTION_UNKNOWN', 'Did you mean `name`?'],
  [{ usual: 1 }, 'LANES_OPTION_UNKNOWN', 'It has name, instances.'],
  [{ instances: 'two' }, 'LANES_OPTION_INVALID', 'a whole number from 1, or \'lanes\', got `"two"`'],
])('the options %j are refused', (options, code, message) => {
  expect(() => tmpdir(options as TmpdirOptions)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  )
})
