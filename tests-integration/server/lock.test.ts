import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { withLock } from '@vitest-lanes/server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fixture } from './processes.ts'

let base: string
beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'vl-'))
})
afterEach(() => rm(base, { recursive: true, force: true }))

async function holder(then: 'die' | 'go on'): Promise<void> {
  const child = spawn(process.execPath, [fixture('lock.mjs'), base, path.join(base, 'log'), then])
  await once(child, 'exit')
}

test('processes that want one lock hold it one at a time, though some of them are killed with it', async () => {
  await Promise.all([
    holder('go on'),
    holder('die'),
    holder('go on'),
    holder('die'),
    holder('go on'),
    holder('go on'),
  ])
  const lines = (await readFile(path.join(base, 'log'), 'utf8')).trim().split('\n')
  expect(lines).toHaveLength(8)
  for (let i = 0; i < lines.length; i += 2) expect(lines[i + 1]).toBe(lines[i]?.replace('in', 'out'))
})

test('in one process a lock is held once at a time, and given up when its holder fails', async () => {
  let inside = 0
  const work = async (n: number) => {
    expect(++inside).toBe(1)
    await new Promise((resolve) => setImmediate(resolve))
    inside--
    if (n % 2 === 0) throw new Error(`failed ${n}`)
    return n
  }
  const results = await Promise.allSettled([1, 2, 3, 4, 5, 6].map((n) => withLock('/x', () => work(n), base)))
  expect(results.map((result) => result.status === 'fulfilled')).toEqual([
    true,
    false,
    true,
    false,
    true,
    false,
  ])
})
