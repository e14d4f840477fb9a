import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openRunFolder, sweepDeadRuns } from '@vitest-lanes/server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let base: string
beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'vl-'))
})
afterEach(() => rm(base, { recursive: true, force: true }))

const long = new Date(Date.now() - 24 * 60 * 60_000)

async function folder(name: string, { marked, old }: { marked: boolean; old: boolean }): Promise<string> {
  const made = path.join(base, name)
  await mkdir(made)
  await writeFile(path.join(made, marked ? 'owner.json' : 'notes.txt'), '{"pid":1}')
  if (old) await utimes(made, long, long)
  return made
}

test('two runs with one id have folders of their own, and both are gone when closed', async () => {
  const runs = await Promise.all([openRunFolder({ base, runId: 'a' }), openRunFolder({ base, runId: 'a' })])
  expect(runs[0].path).not.toBe(runs[1].path)
  expect(await readdir(base)).toHaveLength(2)
  await Promise.all(runs.map((run) => run.close()))
  expect(await readdir(base)).toEqual([])
})

test('a base that is a link is refused: someone else may have put it there', async () => {
  const link = path.join(base, 'link')
  await symlink(tmpdir(), link)
  await expect(openRunFolder({ base: link })).rejects.toMatchObject({ code: 'LANES_SERVER_START' })
})

test('a base that others can write to is refused', async () => {
  const open = path.join(base, 'open')
  await mkdir(open)
  const { chmod } = await import('node:fs/promises')
  await chmod(open, 0o777)
  await expect(openRunFolder({ base: open })).rejects.toMatchObject({ code: 'LANES_SERVER_START' })
})

describe('a folder without a lock', () => {
  test('that is marked and old is removed', async () => {
    const made = await folder('run-a-b', { marked: true, old: true })
    expect(await sweepDeadRuns(base)).toEqual([made])
  })

  test('that is new is left: a run may be making it', async () => {
    await folder('new-a', { marked: true, old: false })
    expect(await sweepDeadRuns(base)).toEqual([])
    expect(await readdir(base)).toEqual(['new-a'])
  })

  test('that is old but not marked is left: it may hold something else', async () => {
    await folder('run-a-b', { marked: false, old: true })
    expect(await sweepDeadRuns(base)).toEqual([])
    expect(await readdir(base)).toEqual(['run-a-b'])
  })

  test.each([[], ['owner.json']])(
    'whose maker was killed when it held %j is removed when it is old',
    async (...names) => {
      const made = path.join(base, 'new-a')
      await mkdir(made)
      for (const name of names) await writeFile(path.join(made, name), '')
      await utimes(made, long, long)
      expect(await sweepDeadRuns(base)).toEqual([made])
    },
  )

  test('that has another name is left', async () => {
    await folder('cache', { marked: true, old: true })
    expect(await sweepDeadRuns(base)).toEqual([])
  })
})

test('a sweep of a base that does not exist finds nothing', async () => {
  expect(await sweepDeadRuns(path.join(base, 'nothing'))).toEqual([])
})
