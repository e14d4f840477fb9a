import { readdir, rename } from 'node:fs/promises'
import module from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder, defaultBase, openRunFolder } from '@vitest-lanes/server'
import type { TestProject } from 'vitest/node'
import { measuresCoverage } from '../vitest/config.ts'
import type { PoolWorkerOptions } from '../vitest/messages.ts'

const HOOK = fileURLToPath(new URL('../worker/compile-cache.cjs', import.meta.url))
const VARIABLE = 'VITEST_LANES_COMPILE_CACHE'
/** Node.js never removes a file from it: beyond so many it begins anew. */
const MOST_FILES = 20_000

/**
 * What V8 made of the code of packages, kept between processes and runs: each isolated file loads Vitest, and what it
 * imports from `node_modules`, into a process of its own. On Node.js 22.10 and later.
 */
export class CompileCache {
  #folder: string | undefined
  /** Resolves when it is known whether there is one. Never rejects. */
  readonly opened: Promise<void>

  constructor() {
    this.opened = this.#open().catch(() => undefined)
  }

  /** Has a worker of the project use it. */
  given(project: TestProject, options: PoolWorkerOptions): PoolWorkerOptions {
    const { env, execArgv } = options
    if (this.#folder === undefined) return options
    // Functions that come out of a cache are counted less exactly. Node.js itself heeds NODE_COMPILE_CACHE and
    // NODE_DISABLE_COMPILE_CACHE.
    if (measuresCoverage(project.vitest) || env['NODE_V8_COVERAGE'] !== undefined) return options
    return {
      ...options,
      execArgv: [...execArgv, '--require', HOOK],
      env: { ...env, [VARIABLE]: this.#folder },
    }
  }

  async #open(): Promise<void> {
    if (!('flushCompileCache' in module)) return
    this.#folder = await cacheFolder('compiled')
    // Nobody waits for that.
    void removeIfLarge(this.#folder, MOST_FILES).catch(() => undefined)
  }
}

/**
 * Begins anew where there are more than `most` files. Runs that use it meanwhile find nothing, and keep nothing.
 * @param base the folder that holds cache and runs
 */
export async function removeIfLarge(folder: string, most: number, base = defaultBase()): Promise<void> {
  const entries = await readdir(folder, { recursive: true })
  if (entries.length <= most) return
  // If this run dies meanwhile, the next removes what is left.
  const bin = await openRunFolder({ base })
  try {
    await rename(folder, path.join(bin.path, 'compiled'))
  } finally {
    await bin.close()
  }
  await cacheFolder(path.basename(folder), base)
}
