import { randomUUID } from 'node:crypto'
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultBase, type Engine } from '@vitest-lanes/server'
import { folderOf, linkPackages } from './linked.ts'
import { sources, type NamedServers } from './sources.ts'

/** A small project with a temporary folder of its own, so that what its runs leave can be told from all else. */
export interface Lab extends AsyncDisposable {
  readonly root: string
  /** Where its runs have their folders: in the temporary folder, and in memory. */
  readonly bases: readonly string[]
  /** What its runs have in their environment. */
  readonly env: NodeJS.ProcessEnv
  /** Value of the variable by which its processes are found. */
  readonly marker: string
  /** Process ids of all Vitest that were started here. */
  readonly runs: Set<number>
  /** Process ids of all servers that were seen. */
  readonly servers: Set<number>
  /** Run folders that were seen. */
  readonly folders: Set<string>
}

export const MARKER = 'VITEST_LANES_PROOF'

export interface LabOptions {
  readonly engine?: Engine | undefined
  readonly named?: NamedServers | undefined
}

/** Makes the project. Disposing of it removes it, and the cache that its runs have filled. */
export async function openLab({ engine, named }: LabOptions = {}): Promise<Lab> {
  // A server that root starts runs as another user, who has to get at its data.
  const place = await realpath(await mkdtemp(join(tmpdir(), 'proof-')))
  const [root, temp] = [join(place, 'my project'), join(place, 't')]
  await mkdir(temp, { mode: 0o755 })
  await writeProject(root, sources(named))
  if (process.getuid?.() === 0) await chmod(place, 0o755)
  const marker = randomUUID()
  return {
    root,
    bases: [...new Set([defaultBase(temp), defaultBase('/dev/shm')])],
    env: {
      ...process.env,
      TMPDIR: temp,
      NO_COLOR: '1',
      [MARKER]: marker,
      ...(engine !== undefined && { VITEST_LANES_ENGINE: engine }),
    },
    marker,
    runs: new Set(),
    servers: new Set(),
    folders: new Set(),
    [Symbol.asyncDispose]: () => rm(place, { recursive: true, force: true, maxRetries: 5 }),
  }
}

async function writeProject(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  await linkPackages(root, PACKAGES)
}

const PACKAGES = ['vitest', 'vitest-lanes', '@vitest-lanes/redis', '@vitest-lanes/postgres', 'pg']
export const VITEST = join(folderOf('vitest'), 'vitest.mjs')
/** Of this package, where the servers of a proof are looked for. */
export const HERE = fileURLToPath(new URL('..', import.meta.url))
