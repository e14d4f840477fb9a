import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const SERVER = new URL('../../packages/server/dist/index.js', import.meta.url).href

/** A socket that nobody listens on is removed, and then a package is loaded through a link, as pnpm lays it out. */
const SCRIPT = `
  import { createServer } from 'node:net'
  import { existsSync, mkdirSync, renameSync } from 'node:fs'
  import { createRequire } from 'node:module'
  import { removeFolder } from '${SERVER}'
  mkdirSync('run')
  const server = createServer()
  await new Promise((done) => server.listen('run/own.sock', done))
  renameSync('run', 'dead')
  const require = createRequire(import.meta.url)
  require('./first.cjs')
  await removeFolder('dead')
  console.log(existsSync('dead'), require('a'))
  server.close()
`

test('after a folder with a socket was removed, packages behind links still find what they depend on', async () => {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'remove-')))
  try {
    for (const folder of ['store/a', 'store/node_modules/b', 'node_modules'])
      await mkdir(join(root, folder), { recursive: true })
    await mkdir(join(root, 'store/node_modules/a'))
    await writeFile(join(root, 'store/node_modules/a/index.js'), "module.exports = require('b')")
    await writeFile(join(root, 'store/node_modules/b/index.js'), "module.exports = 'found'")
    await symlink(join(root, 'store/node_modules/a'), join(root, 'node_modules/a'))
    await writeFile(join(root, 'first.cjs'), '')
    await writeFile(join(root, 'script.mjs'), SCRIPT)

    const { stdout } = await promisify(execFile)(process.execPath, ['script.mjs'], { cwd: root })

    expect(stdout.trim()).toBe('false found')
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})
