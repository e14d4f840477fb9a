import { Worker } from 'node:worker_threads'
import type { Result, ThreadData, ThreadReply, ThreadRequest } from './messages.ts'

/** An instance in a thread of its own: one that hangs or crashes does not touch the others. */
export interface Thread {
  readonly ready: Promise<Result>
  ask(op: ThreadRequest['op']): Promise<Result>
  close(): Promise<void>
}

export function startThread(data: ThreadData, onDeath: (reason: string) => void): Thread {
  const worker = new Worker(new URL('thread.js', import.meta.url), {
    workerData: data,
    stdout: true,
    stderr: true,
  })
  const waiting = new Map<number, (result: Result) => void>()
  let asked = 0
  let over = false
  const die = (reason: string) => {
    if (over) return
    over = true
    onDeath(reason)
  }
  const ready = new Promise<Result>((resolve, reject) => {
    worker.on('message', (message: ThreadReply) => {
      if ('ready' in message) resolve(message.ready)
      else if ('died' in message) die(message.died)
      else waiting.get(message.id)?.(message.result)
    })
    worker.on('error', (error) => {
      reject(error)
      die(`its thread failed: ${error.message}`)
    })
    worker.on('exit', (code) => {
      reject(new Error(`its thread ended with code ${code}`))
      die(`its thread ended with code ${code}`)
    })
  })
  return {
    ready,
    ask: (op) =>
      new Promise((resolve) => {
        const id = ++asked
        waiting.set(id, resolve)
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
        worker.postMessage({ id, op } satisfies ThreadRequest)
      }),
    async close() {
      over = true
      await worker.terminate()
    },
  }
}
