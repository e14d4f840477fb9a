import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunRecord } from '@vitest-lanes/core'
import { onTestFailed, onTestFinished, vi } from 'vitest'
import { currentInstallation } from './installation.ts'
import type { Installation } from './installation.ts'
import { inTerminal } from './terminal.ts'
import { startProcess } from './vitest-process.ts'
import type { Ended, VitestProcess } from './vitest-process.ts'
import { events } from './in-project/events.ts'
import type { Event } from './in-project/events.ts'
import { expectSound } from './sound.ts'

/** As far as the tests read Vitest's JSON report. */
export interface JsonReport {
  readonly success: boolean
  readonly numTotalTests: number
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages?: readonly string[]
    }[]
  }[]
}

/** One finished Vitest. */
export interface VitestRun extends Ended {
  /** Of `--reporter=json`; undefined where Vitest wrote none. */
  readonly report: JsonReport | undefined
  /** Undefined where vitest-lanes wrote none. */
  readonly record: RunRecord | undefined
  /** What the project's files and providers told. */
  readonly events: readonly Event[]
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** In a terminal of so many columns, with colours. */
  readonly columns?: number
  /** Does not check that no process is left, nor the run record. For runs that are killed. */
  readonly unchecked?: boolean
}

/** A small project on disk, in a path with a space in it. */
export interface Project extends AsyncDisposable {
  readonly root: string
  /** `vitest run` with Vitest's default reporter and a JSON report beside it. */
  run(args?: readonly string[], options?: RunOptions): Promise<VitestRun>
  /** The same, not yet ended. */
  start(args?: readonly string[], options?: RunOptions): StartedRun
  /** Vitest with exactly these arguments. */
  vitest(args: readonly string[], options?: RunOptions): StartedRun
  /** Runs another script of the project with its Node.js. */
  script(path: string, options?: RunOptions): StartedRun
  write(files: Readonly<Record<string, string>>): Promise<void>
  read(path: string): Promise<string | undefined>
}

export interface StartedRun extends Omit<VitestProcess, 'ended'> {
  readonly ended: Promise<VitestRun>
  /** Resolves when what the project told fulfils the condition; rejects if Vitest ends before. */
  told(condition: (all: readonly Event[]) => boolean): Promise<void>
}

// Each test starts Vitest a few times, which on a loaded machine takes many seconds each.
vi.setConfig({ testTimeout: 240_000 })

const REPORT = 'report.json'
const RECORD = join('.vitest-lanes', 'run.json')

/** Writes a project: its files by path, with `events.ts` and `provider.ts` of `in-project/` beside them. */
export async function createProject(
  files: Readonly<Record<string, string>>,
  installation: Installation = currentInstallation(),
): Promise<Project> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'vitest lanes ')))
  const marker = randomUUID()
  const log = join(root, 'events.jsonl')
  const write = (more: Readonly<Record<string, string>>) => writeFiles(root, more)
  await linkPackages(root, installation)
  await write({ 'package.json': '{ "type": "module", "private": true }', ...(await helpers()), ...files })

  function launch(script: string, args: readonly string[], options: RunOptions = {}): StartedRun {
    for (const path of [REPORT, RECORD, log]) rmSync(resolve(root, path), { force: true })
    const command = [installation.node, script, ...args] as const
    const { columns } = options
    const [program, ...rest] = columns === undefined ? command : inTerminal(command, columns)
    const child = startProcess(program, rest, {
      cwd: root,
      marker,
      env: {
        PATH: [installation.bin, process.env['PATH']].join(delimiter),
        VITEST_LANES_TEST_EVENTS: log,
        ...(columns !== undefined && { TERM: 'xterm', NO_COLOR: undefined }),
        ...options.env,
      },
    })
    onTestFinished(() => child.end())
    onTestFailed(() => console.error(`${args.join(' ')}\n${child.printed.stdout}\n${child.printed.stderr}`))
    const ended = (async (): Promise<VitestRun> => {
      const end = await child.ended
      const run: VitestRun = {
        ...end,
        report: await readJson<JsonReport>(join(root, REPORT)),
        record: await readJson<RunRecord>(join(root, RECORD)),
        events: events(log),
      }
      if (options.unchecked !== true) await expectSound(run, marker)
      return run
    })()
    // Whoever kills a run may look at it later.
    ended.catch(() => {})
    return { ...child, ended, told: (condition) => child.until(() => condition(events(log))) }
  }

  const vitest = (args: readonly string[], options?: RunOptions): StartedRun =>
    launch(join(installation.packages['vitest']!, 'vitest.mjs'), args, options)
  const start = (args: readonly string[] = [], options?: RunOptions): StartedRun =>
    vitest(['run', '--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`, ...args], options)

  return {
    root,
    vitest,
    start,
    run: (args, options) => start(args, options).ended,
    script: (path, options) => launch(join(root, path), [], options),
    write,
    read: (path) => readFile(join(root, path), 'utf8').catch(() => undefined),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true, maxRetries: 5 }),
  }
}

async function linkPackages(root: string, { packages }: Installation): Promise<void> {
  for (const [name, folder] of Object.entries(packages)) {
    const link = join(root, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    await symlink(folder, link, 'dir')
  }
}

async function helpers(): Promise<Record<string, string>> {
  const folder = fileURLToPath(new URL('in-project', import.meta.url))
  const names = await readdir(folder)
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  )
}

async function writeFiles(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
}

async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as T
  } catch {
    // Vitest was ended while it wrote it.
    return undefined
  }
}
