import type { FootprintPart, Use, Watching } from '@vitest-lanes/core'
import type { Redis } from 'ioredis'
import { readCalls } from '../leaks/facts.ts'
import { readCommandTable } from './command-table.ts'
import { openMonitor, OUR_STATISTICS } from './monitor.ts'
import { collectUses, type SeenCommand } from './seen.ts'
import { HIDDEN } from './whole-server.ts'

/** One server, or a part of one, that is to be watched. */
export interface Watched {
  /** Opens a connection that is not the file's. */
  readonly connect: () => Promise<Redis>
  /** Which commands are the instance's, and how they are told; all where left out. */
  readonly only?: (command: SeenCommand) => SeenCommand | undefined
  /** What cannot be told apart there from what others do, a sentence each. */
  readonly unseen?: readonly string[]
  /** Whether others use the server too: then what is only counted tells nothing. */
  readonly isShared?: boolean
}

/** Watches servers until it is stopped; what our own inspections do there goes through `aside`. */
export interface Watcher extends Watching {
  aside<T>(work: () => Promise<T>): Promise<T>
}

const CONNECTED: Use = { kind: 'server', name: 'a connection', mode: 'read' }

/** Watches the commands that reach some servers, with `MONITOR`. */
export async function watchServers(servers: readonly Watched[]): Promise<Watcher> {
  const watches = await Promise.all(servers.map(watchOne))
  return {
    async aside(work) {
      const resume = await Promise.all(watches.map((watch) => watch.pause()))
      try {
        return await work()
      } finally {
        for (const end of resume) await end()
      }
    },
    async stop() {
      const parts = await Promise.all(watches.map((watch) => watch.stop()))
      const uses = parts.flatMap((part) => part.uses)
      const unseen = new Set(parts.flatMap((part) => part.unseen ?? []))
      return { uses, ...(unseen.size > 0 && { unseen: [...unseen] }) }
    },
  }
}

interface Watch {
  /** What is counted from now on is ours. Returns what ends that. */
  pause(): Promise<() => Promise<void>>
  stop(): Promise<FootprintPart>
}

async function watchOne({ connect, only, unseen = [], isShared = false }: Watched): Promise<Watch> {
  const client = await connect()
  const missed = [...unseen]
  const table = await client.call('COMMAND').then(readCommandTable, () => new Map())
  if (table.size === 0)
    missed.push('Keys: COMMAND is not allowed, so nobody knows where they stand in a command.')
  const seen = collectUses(table)
  const counts = async (): Promise<ReadonlyMap<string, number>> =>
    isShared ? new Map() : readCalls(String(await client.call('INFO', OUR_STATISTICS)))
  const monitor = await openMonitor(client, seen, only).catch((error: unknown) => {
    missed.push(`Commands: MONITOR is refused (${error instanceof Error ? error.message : String(error)}).`)
    return undefined
  })
  const before = await counts()
  const ours = new Map<string, number>()
  return {
    async pause() {
      await monitor?.turn()
      const from = await counts().catch(() => new Map<string, number>())
      return async () => {
        const to = await counts().catch(() => from)
        await monitor?.turn()
        for (const name of HIDDEN) add(ours, name, (to.get(name) ?? 0) - (from.get(name) ?? 0))
      }
    },
    async stop() {
      const after = await counts().catch(() => undefined)
      if (after === undefined) missed.push('The last commands: the server does not answer any more.')
      if (monitor !== undefined && !(await monitor.end()))
        missed.push('The last commands: the connection that watched was cut, as by CLIENT KILL.')
      client.disconnect()
      for (const name of HIDDEN) {
        const count = (after?.get(name) ?? 0) - (before.get(name) ?? 0) - (ours.get(name) ?? 0)
        if (count > 0) seen.addNamed(name)
      }
      const uses = seen.uses()
      return {
        uses: uses.length === 0 && monitor?.met() === true ? [CONNECTED] : uses,
        ...(missed.length > 0 && { unseen: missed }),
      }
    },
  }
}

function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count)
}
