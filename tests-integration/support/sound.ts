import { setTimeout } from 'node:timers/promises'
import { verify } from '@vitest-lanes/core'
import { expect } from 'vitest'
import { processesOf } from './processes.ts'
import type { VitestRun } from './project.ts'

// A process that was told to end needs a moment on a loaded machine: 100 looks, 50 ms apart.
const LOOKS = 100

/** What holds for every run: no process is left, no conflicting files overlapped, every file is accounted for. */
export async function expectSound(run: VitestRun, marker: string): Promise<void> {
  const left = await processesLeft(marker)
  for (const { pid } of left) process.kill(pid, 'SIGKILL')
  expect(left, 'processes left').toEqual([])
  if (run.record === undefined) return
  expect(verify(run.record), 'overlaps').toEqual([])
  for (const { resource, number, alive } of run.events)
    if (alive !== undefined) expect(alive, `alive as ${resource} ${number} was cleaned`).toEqual([])
}

async function processesLeft(marker: string): ReturnType<typeof processesOf> {
  for (let look = 0; look < LOOKS; look++) {
    if ((await processesOf(marker)).length === 0) return []
    await setTimeout(50)
  }
  return processesOf(marker)
}
