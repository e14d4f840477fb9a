import { chmod, mkdir, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { LanesError } from '@vitest-lanes/core'
import type { OpenInstance, Provider } from '@vitest-lanes/core'
import { openRunFolder, removeFolder, sweepDeadRuns } from '@vitest-lanes/server'
import type { RunFolder } from '@vitest-lanes/server'
import { checkOptions } from './options.ts'

export interface TmpdirOptions {
  /** Environment variable that gets the folder's path; `TMPDIR`, which `os.tmpdir()` reads, where left out. */
  readonly name?: string
  /** How many folders; one per lane where left out. */
  readonly instances?: number | 'lanes'
}

interface Run {
  readonly folder: RunFolder
  /** Clearing up after dead runs goes on beside this one. */
  readonly sweep: Promise<unknown>
}

/**
 * An empty folder for each file that claims one, in `TMPDIR`: emptied after each file, removed at the end, and by the
 * next run if this one is killed.
 * @throws LANES_OPTION_UNKNOWN, LANES_OPTION_INVALID
 */
export function tmpdir(options: TmpdirOptions = {}): Provider {
  checkOptions('tmpdir', options, ['name', 'instances'])
  const { name = 'TMPDIR', instances = 'lanes' } = options
  let run: Run | undefined
  let opened = 0
  return {
    name: 'tmpdir',
    instances,
    async start({ runId }) {
      const sweep = sweepDeadRuns().catch(() => [])
      run = { folder: await openRunFolder({ runId }), sweep }
    },
    async open(): Promise<OpenInstance> {
      if (run === undefined)
        throw new LanesError('LANES_PROVIDER_OPEN', 'tmpdir() was asked to open before it was started.')
      const path = join(run.folder.path, `t${++opened}`)
      await makeEmpty(path)
      return {
        env: { [name]: path },
        async reset() {
          // Out of the way at once: what cannot be removed is not in the way of the next file.
          const old = `${path}-${++opened}`
          // A file may have removed the folder itself.
          await rename(path, old).catch(() => undefined)
          await makeEmpty(path)
          await remove(old)
        },
        dispose: () => remove(path),
      }
    },
    async stop() {
      const stopped = run
      run = undefined
      await stopped?.sweep
      await stopped?.folder.close()
    },
  }
}

function makeEmpty(path: string): Promise<unknown> {
  return mkdir(path, { mode: 0o700 })
}

async function remove(path: string): Promise<void> {
  await removeFolder(path).catch(async () => {
    await unlock(path)
    await removeFolder(path)
  })
}

/** A file may have left folders that not even their owner can write to. */
async function unlock(path: string): Promise<void> {
  await chmod(path, 0o700)
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await unlock(join(path, entry.name))
  }
}
