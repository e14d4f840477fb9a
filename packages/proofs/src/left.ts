import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Lab } from './lab.ts'
import { processesOf } from './processes.ts'
import { runFolders } from './vitest-run.ts'

/** How long processes may take to exit after their run has, in ms. A stubborn server is killed after 5 s. */
const PATIENCE = 8_000

/** What runs have left: a line each, none if all is as it should be. Waits for what is just ending. */
export async function leftOf(lab: Lab, baseline: Baseline): Promise<string[]> {
  const deadline = Date.now() + PATIENCE
  for (;;) {
    const left = [
      ...(await processesLeft(lab)),
      ...(await runFolders(lab)).map((folder) => `folder ${folder}`),
      ...(await filesLeft(lab)),
      ...(await segmentsLeft(lab)),
      ...(await memoryLeft(baseline)),
    ]
    if (left.length === 0 || Date.now() > deadline) return left
    await setTimeout(50)
  }
}

/** What there was before. */
export interface Baseline {
  /** Names in `/dev/shm`. */
  readonly memory: ReadonlySet<string>
}

export async function readBaseline(): Promise<Baseline> {
  return { memory: new Set(await memory()) }
}

/** Vitest makes a folder with a random name of 21 characters, and leaves it when it is killed (seen on 4.1.12). */
const VITESTS_OWN = /^[\w-]{21}$/

/** A port that is listened on needs a process: with none left there is none. */
async function processesLeft(lab: Lab): Promise<string[]> {
  return (await processesOf(lab)).map(({ pid, command }) => `process ${pid} ${command}`)
}

/** In the temporary folder: the base, with cache and locks, and nothing else. In the project: no half-written file. */
async function filesLeft({ root, bases: [base = ''] }: Lab): Promise<string[]> {
  const temp = dirname(base)
  const [inTemp, inBase, segments, inProject] = await Promise.all([
    names(temp),
    names(base),
    names(join(base, 'cache', 'postgres-segments')),
    names(join(root, '.vitest-lanes')),
  ])
  return [
    ...inTemp
      .filter((name) => !VITESTS_OWN.test(name))
      .map((name) => join(temp, name))
      .filter((path) => path !== base),
    ...inBase.filter((name) => name !== 'cache' && name !== 'locks').map((name) => join(base, name)),
    ...segments.map((name) => `record of a segment ${name}`),
    ...inProject
      .filter((name) => name.endsWith('.part'))
      .map((name) => relative(temp, join(root, '.vitest-lanes', name))),
  ].map((path) => `file ${path}`)
}

const names = (folder: string) => readdir(folder).catch(() => [])

/** System V segments that one of our servers made. The fifth column is the process that did. */
async function segmentsLeft({ servers }: Lab): Promise<string[]> {
  const table = await readFile('/proc/sysvipc/shm', 'utf8').catch(() => '')
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/))
  return rows
    .filter((fields) => servers.has(Number(fields[4])))
    .map((fields) => `System V segment ${fields[1]} of process ${fields[4]}`)
}

async function memoryLeft(baseline: Baseline): Promise<string[]> {
  return (await memory()).filter((name) => !baseline.memory.has(name)).map((name) => `/dev/shm/${name}`)
}

/** POSIX segments, of PostgreSQL and others. Our folders are looked at by themselves. */
async function memory(): Promise<string[]> {
  return (await names('/dev/shm')).filter((name) => !name.startsWith('vitest-lanes-'))
}
