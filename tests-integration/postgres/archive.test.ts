import { chown, mkdir, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { pack, unpack } from '../../packages/postgres/dist/cluster/archive.js'
import { privateFolder } from '../../packages/postgres/dist/cluster/copy-folder.js'
import { serverAccount } from '../../packages/postgres/dist/engine/account.js'

const account = await serverAccount()

/** A folder of the account's, two files in it, and an archive of it that only we can read. */
async function packed() {
  const root = await mkdtemp(path.join(tmpdir(), 'lanes archive '))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  if (account !== undefined) await chown(root, account.uid, account.gid)
  const from = await privateFolder(path.join(root, 'from'), account)
  for (const folder of ['base', 'empty']) await privateFolder(path.join(from, folder), account)
  const file = path.join(from, 'base', 'one')
  await writeFile(file, 'x'.repeat(100_000), { mode: 0o600 })
  if (account !== undefined) await chown(file, account.uid, account.gid)
  const archive = path.join(await privateFolder(path.join(root, 'private'), undefined), 'data.tar')
  await pack(from, archive, account)
  return { archive, to: await privateFolder(path.join(root, 'to'), account) }
}

test('what is unpacked is as it was packed: folders, rights and owner, whatever the umask', async () => {
  const { archive, to } = await packed()
  const before = process.umask(0o177)
  try {
    await unpack(archive, to, account)
  } finally {
    process.umask(before)
  }
  expect(await readdir(to, { recursive: true })).toEqual(['base', 'empty', 'base/one'])
  expect(await readFile(path.join(to, 'base/one'), 'utf8')).toBe('x'.repeat(100_000))
  for (const [name, mode] of [
    ['.', 0o700],
    ['empty', 0o700],
    ['base/one', 0o600],
  ] as const) {
    const about = await stat(path.join(to, name))
    expect([about.mode & 0o777, about.uid]).toEqual([mode, account?.uid ?? process.getuid?.()])
  }
  expect((await stat(archive)).mode & 0o777).toBe(0o600)
})

test('an archive that is cut short is an error that says so', async () => {
  const { archive, to } = await packed()
  await truncate(archive, 50_000)
  await expect(unpack(archive, to, account)).rejects.toThrow(/tar .* failed: .*(EOF|end of file|truncated)/i)
})

test('what is there already is not written over', async () => {
  const { archive, to } = await packed()
  await mkdir(path.join(to, 'more'))
  await expect(pack(to, archive, account)).rejects.toMatchObject({ code: 'EEXIST' })
})
