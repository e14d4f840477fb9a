import { basename } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Finding } from '@vitest-lanes/core'
import { processIdentity } from '@vitest-lanes/server'
import type { StartedProcess } from './watch-log.ts'

/** What ends with its parent, such as a service that reads from it, takes a moment: ms between looks. */
const LOOKS = [0, 20, 50, 100, 200, 400, 800]

export interface SeenProcess extends StartedProcess {
  /** Of the process that had the number while the file ran. */
  readonly identity: string | undefined
}

/** Those that live while their file still does. */
export async function alive(started: readonly StartedProcess[]): Promise<SeenProcess[]> {
  const seen = await Promise.all(
    started.map(async (each) => ({ ...each, identity: await processIdentity(each.child) })),
  )
  return seen.filter(({ identity }) => identity !== undefined)
}

/** Processes that still live a while after the one that started them has gone. */
export async function outliving(
  seen: readonly SeenProcess[],
  placeOf: (started: StartedProcess) => string | undefined,
): Promise<Finding[]> {
  let left = seen
  for (const pause of LOOKS) {
    if (left.length === 0) return []
    if (pause > 0) await setTimeout(pause)
    const now = await Promise.all(left.map(({ child }) => processIdentity(child)))
    left = left.filter(({ identity }, index) => identity === now[index])
  }
  return left.map((started) => {
    const place = placeOf(started)
    const name = [started.command, started.script].flatMap((path) =>
      path === undefined ? [] : [basename(path)],
    )
    const where = place === undefined ? '' : `, started at ${place}`
    return {
      kind: 'process-outlives-file',
      message: `The process ${started.child} (${name.join(' ')})${where}, has outlived the file: end it and wait for its exit.`,
      ...(started.test !== undefined && { test: started.test }),
      ...(place !== undefined && { place }),
    }
  })
}
