import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { VITEST } from '../lab.ts'

/** One Vitest on one Node.js. */
export interface Leg {
  /** As the page names it. */
  readonly title: string
  /** What is installed for it, such as `5.1.1 on 24`; undefined: this workspace. */
  readonly installed?: string
  /** All files run in parts where they can. */
  readonly inParts?: true
}

const FIVE = { vitest: '5.1.1', node: '24' }

/** By the name that the command knows them by. The page has those that are not `newest`. */
export const LEGS: Readonly<Record<string, () => Promise<Leg>>> = {
  '4.1': ofWorkspace,
  '4.1-parts': async () => inParts(await ofWorkspace()),
  '5.1': async () => legOf(FIVE.vitest, FIVE.node),
  '5.1-parts': async () => inParts(legOf(FIVE.vitest, FIVE.node)),
  newest: async () =>
    legOf(await newestOf('vitest'), await newestOf(`node-${process.platform}-${process.arch}`)),
}

async function ofWorkspace(): Promise<Leg> {
  const manifest = await readFile(join(dirname(VITEST), 'package.json'), 'utf8')
  return { title: titleOf((JSON.parse(manifest) as { version: string }).version, process.versions.node) }
}

function inParts(leg: Leg): Leg {
  return { ...leg, title: `${leg.title}, files in parts`, inParts: true }
}

function legOf(vitest: string, node: string): Leg {
  return { title: titleOf(vitest, node), installed: `${vitest} on ${node}` }
}

function titleOf(vitest: string, node: string): string {
  return `Vitest ${vitest.split('.').slice(0, 2).join('.')}, Node.js ${node.split('.')[0]}`
}

async function newestOf(name: string): Promise<string> {
  const { stdout } = await promisify(execFile)('npm', ['view', `${name}@latest`, 'version'])
  return stdout.trim()
}
