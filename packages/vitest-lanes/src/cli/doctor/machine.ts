import { access, constants, mkdir, readdir, statfs } from 'node:fs/promises'
import { availableParallelism, freemem, platform, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { advice, fine, problem } from './check.ts'
import type { Check } from './check.ts'

const OLDEST_NODE = [20, 19] as const
const ENOUGH_MEMORY = 512 * 2 ** 20
const ENOUGH_TMPFS = 256 * 2 ** 20

/** What does not depend on the configuration. */
export async function machineChecks(root: string): Promise<Check[]> {
  return [node(process.versions.node), memory(), await folder(root), await tmpfs(), await leftovers()]
}

export function node(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldest, oldestMinor] = OLDEST_NODE
  return major > oldest || (major === oldest && minor >= oldestMinor)
    ? fine('Node.js', version)
    : problem('Node.js', version, `Update to ${OLDEST_NODE.join('.')} or newer.`)
}

function memory(): Check {
  const text = `${megabytes(freemem())} free, ${availableParallelism()} cores`
  return freemem() >= ENOUGH_MEMORY
    ? fine('machine', text)
    : advice('machine', text, 'Use fewer lanes: each has a worker and its servers.')
}

async function folder(root: string): Promise<Check> {
  const path = join(root, '.vitest-lanes')
  try {
    await mkdir(path, { recursive: true })
    await access(path, constants.W_OK)
    return fine('folder', `${path} can be written`)
  } catch {
    return problem(
      'folder',
      `${path} cannot be written`,
      'Give this user the right to: records and durations go there.',
    )
  }
}

async function tmpfs(): Promise<Check> {
  if (platform() !== 'linux') return fine('tmpfs', 'not on this system: databases go to the temporary folder')
  const found = await statfs('/dev/shm').catch(() => undefined)
  const free = found === undefined ? 0 : found.bavail * found.bsize
  return free >= ENOUGH_TMPFS
    ? fine('tmpfs', `/dev/shm has ${megabytes(free)} free`)
    : advice(
        'tmpfs',
        found === undefined ? 'no /dev/shm' : `/dev/shm has ${megabytes(free)} free`,
        'Give it 256 MB or more (Docker: --shm-size=1g): databases on a disk are several times slower.',
      )
}

/** Folders of runs under the temporary folder, where servers are kept. */
async function leftovers(): Promise<Check> {
  const base = join(tmpdir(), `vitest-lanes-${process.getuid?.() ?? userInfo().username}`)
  const runs = (await readdir(base).catch(() => [])).filter((name) => name.startsWith('run-'))
  return fine(
    'leftovers',
    runs.length === 0
      ? `none in ${base}`
      : `${runs.length} run folders in ${base}: the next run clears those whose run is dead`,
  )
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20).toLocaleString('en')} MB`
}
