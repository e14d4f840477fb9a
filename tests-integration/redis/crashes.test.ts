import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { defaultBase, sweepDeadRuns } from '@vitest-lanes/server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { describeEngines } from './engines.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'vl-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const runs = () => readdir(defaultBase(folder)).catch(() => [])

/** Processes whose command line names the folder of this test. */
function processes(): string[] {
  const lines = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,command='], { encoding: 'utf8' }).split('\n')
  return lines.filter((line) => line.includes(folder))
}

async function untilRefused(port: number): Promise<'refused'> {
  for (;;) {
    const socket = connectTcp(port, '127.0.0.1')
    const outcome = await Promise.race([
      once(socket, 'connect').then(() => 'open'),
      once(socket, 'error'),
    ]).catch(() => [])
    socket.destroy()
    if (outcome !== 'open') return 'refused'
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

function start(engine: string) {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'fixtures', 'run.mjs'), engine], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: folder },
  })
  return { child, lines: createInterface({ input: child.stdout }) }
}

describeEngines((engine) => {
  test('a run that is killed takes its servers with it, and the next removes its folder', async () => {
    const { child, lines } = start(engine)
    await once(lines, 'line')
    const [line] = await once(lines, 'line')
    const { ports }: { ports: number[] } = JSON.parse(String(line))
    expect(ports).toHaveLength(2)
    child.kill('SIGKILL')
    await once(child, 'exit')
    for (const port of ports) expect(await untilRefused(port)).toBe('refused')
    await sweepDeadRuns(defaultBase(folder))
    expect(await runs()).toEqual([])
  })

  test('a run that is killed at any moment of its start leaves nothing that the next does not clear', async () => {
    for (let delay = 0; delay < 300; delay += 30) {
      const { child, lines } = start(engine)
      await once(lines, 'line')
      // Not a wait for something, but the moment of death.
      await new Promise((resolve) => setTimeout(resolve, delay))
      child.kill('SIGKILL')
      await once(child, 'exit')
      // A server that was just being started holds the lock of its run until it is one.
      while ((await runs()).length > 0) await sweepDeadRuns(defaultBase(folder), 0)
    }
    while (processes().length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await runs()).toEqual([])
  })
})
