import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { InstanceRequest, OpenInstance, Started } from '@vitest-lanes/core'
import { postgres, type PostgresOptions } from '@vitest-lanes/postgres'
import { engineFromEnvironment, newRunId, type Engine } from '@vitest-lanes/server'
import { Client, type ClientConfig } from 'pg'
import { onTestFinished } from 'vitest'
import { serverAccount } from '../../../packages/postgres/dist/engine/account.js'
import { findNative } from '../../../packages/postgres/dist/engine/native.js'

/**
 * Every engine that this machine has, the embedded one always, or that of `VITEST_LANES_ENGINE` alone; none where a server of the
 * user is tested instead.
 */
export const ENGINES: readonly Engine[] =
  process.env['LANES_TEST_POSTGRES'] === undefined ? await engines() : []

async function engines(): Promise<Engine[]> {
  const native = await findNative(await serverAccount())
  const all: Engine[] = native === undefined ? ['embedded'] : ['native', 'embedded']
  const forced = engineFromEnvironment()
  return all.filter((engine) => forced === undefined || engine === forced)
}

/** A project folder with these files, in a path with a space in it; removed after the test. */
export async function project(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'lanes pg '))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  return root
}

export interface Run {
  readonly started: Started | undefined
  readonly runId: string
  readonly lines: readonly string[]
  open(mode?: InstanceRequest['mode']): Promise<OpenInstance>
  /** The same as the end of a run; by itself after the test. */
  stop(): Promise<void>
}

/** One run of a provider, as the plugin would have it. */
export async function startRun(
  options: PostgresOptions,
  { root = tmpdir(), lanes = 2 }: { root?: string; lanes?: number } = {},
): Promise<Run> {
  const provider = postgres(options)
  const lines: string[] = []
  const runId = newRunId()
  let number = 0
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= provider.stop?.() ?? Promise.resolve())
  onTestFinished(stop)
  const started = await provider.start?.({
    resource: 'postgres',
    runId,
    root,
    lanes,
    instances: lanes,
    log: (line) => lines.push(line),
  })
  return {
    started: started ?? undefined,
    runId,
    lines,
    open: (mode = 'exclusive') => provider.open({ number: (number++ % lanes) + 1, mode }),
    stop,
  }
}

/** Rows of one query, on a connection of its own. */
export async function query(
  target: OpenInstance | string | ClientConfig,
  text: string,
): Promise<Record<string, unknown>[]> {
  const config =
    typeof target === 'string'
      ? { connectionString: target }
      : 'env' in target
        ? { connectionString: urlOf(target) }
        : target
  const client = new Client(config)
  await client.connect()
  try {
    const result = await client.query<Record<string, unknown>>(text)
    return result.rows
  } finally {
    await client.end()
  }
}

export function urlOf(instance: OpenInstance): string {
  return instance.env['DATABASE_URL'] ?? ''
}
