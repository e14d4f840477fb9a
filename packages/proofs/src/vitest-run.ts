import { spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { VITEST, type Lab } from './lab.ts'
import { processesOf } from './processes.ts'

/** How often a running Vitest's folders are looked at, in ms. A server takes longer than this to start. */
const LOOK = 20
/** A run that takes longer hangs, in ms. */
const PATIENCE = 120_000

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The end of what it printed. */
  readonly output: string
  readonly ms: number
  /** Processes that lived when it was killed for hanging; undefined if it ended by itself. */
  readonly hung?: readonly string[]
}

export interface VitestRun {
  readonly pid: number
  readonly ended: Promise<Ended>
  isOver(): boolean
}

/** Starts `vitest run` in the project, and writes down what folders and servers it has. */
export function startVitest(lab: Lab): VitestRun {
  const begun = performance.now()
  const child = spawn(process.execPath, [VITEST, 'run', '--reporter=dot'], {
    cwd: lab.root,
    env: lab.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const pid = child.pid ?? 0
  lab.runs.add(pid)
  let output = ''
  let over = false
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-6_000)))
  }
  const exit = new Promise<Ended>((resolve) => {
    child.once('exit', (code, signal) => {
      over = true
      resolve({ code, signal, output, ms: performance.now() - begun })
    })
  })
  const patience = new AbortController()
  const hang = setTimeout(PATIENCE, 'hang' as const, { signal: patience.signal }).catch(() => 'over' as const)
  const ended = Promise.race([exit, hang]).then(async (outcome): Promise<Ended> => {
    patience.abort()
    if (typeof outcome !== 'string') return outcome
    const hung = (await processesOf(lab)).map(({ pid, command }) => `${pid} ${command.slice(0, 100)}`)
    process.kill(-pid, 'SIGKILL')
    return { ...(await exit), hung }
  })
  void watch(lab, () => over)
  return { pid, ended, isOver: () => over }
}

async function watch(lab: Lab, over: () => boolean): Promise<void> {
  while (!over()) {
    await note(lab)
    await setTimeout(LOOK)
  }
}

/** Writes down the run folders of the project's runs, and the servers in them. */
export async function note(lab: Lab): Promise<void> {
  for (const folder of await runFolders(lab)) {
    lab.folders.add(folder)
    for (const pid of await serversIn(folder)) lab.servers.add(pid)
  }
}

/** Folders that runs of the project own or have left; those that are still being made, too. */
export async function runFolders({ bases, runs }: Lab): Promise<string[]> {
  const folders = await Promise.all(
    bases.map(async (base) => {
      const names = await readdir(base).catch(() => [])
      return names.filter((name) => /^(run|new)-/.test(name)).map((name) => join(base, name))
    }),
  )
  const owners = await Promise.all(
    folders.flat().map(async (folder) => [folder, await ownerOf(folder)] as const),
  )
  return owners.filter(([, owner]) => owner !== undefined && runs.has(owner)).map(([folder]) => folder)
}

/** The process that made a run folder; `undefined` if that cannot be told. */
async function ownerOf(folder: string): Promise<number | undefined> {
  try {
    const marker: unknown = JSON.parse(await readFile(join(folder, 'owner.json'), 'utf8'))
    return Number(Object(marker).pid)
  } catch {
    return undefined
  }
}

/** Process ids of the servers that a run has written down. */
export async function serversIn(folder: string): Promise<number[]> {
  const names = await readdir(join(folder, 'servers')).catch(() => [])
  return names.map((name) => Number.parseInt(name, 10)).filter((pid) => pid > 0)
}
