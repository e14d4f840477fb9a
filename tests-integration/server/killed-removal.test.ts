import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sweepDeadRuns } from '@vitest-lanes/server'
import { expect, test } from 'vitest'

const long = new Date(Date.now() - 24 * 60 * 60_000)
const FILES = 3000

// Fills a run folder, says where it is, and closes it when told.
const script = `
  import { mkdirSync, writeFileSync } from 'node:fs'
  import { openRunFolder } from '@vitest-lanes/server'
  const run = await openRunFolder({ base: process.argv[1] })
  mkdirSync(run.path + '/a data folder')
  for (let n = 0; n < ${FILES}; n++) writeFileSync(run.path + '/a data folder/' + n, '')
  process.stdout.write(run.path)
  process.stdin.once('data', () => run.close())
`

/** Kills a run in the middle of removing its folder. Undefined if the removal was faster. */
async function killMidway(base: string): Promise<string | undefined> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, base])
  const exited = once(child, 'exit')
  const [folder = ''] = (await once(child.stdout, 'data')).map(String)
  const data = path.join(folder, 'a data folder')
  child.stdin.write('close')
  while ((await readdir(data).catch(() => [])).length === FILES);
  child.kill('SIGKILL')
  await exited
  return existsSync(data) ? folder : undefined
}

test('a run that is killed while it removes its folder leaves one that a later sweep still knows for ours', async () => {
  const base = await mkdtemp(path.join(tmpdir(), 'vl-'))
  try {
    let folder: string | undefined
    while (folder === undefined) folder = await killMidway(base)

    expect(await readdir(folder)).toContain('owner.json')
    await utimes(folder, long, long)
    expect(await sweepDeadRuns(base)).toEqual([folder])
    expect(await readdir(base)).toEqual([])
  } finally {
    await rm(base, { recursive: true, force: true })
  }
})
