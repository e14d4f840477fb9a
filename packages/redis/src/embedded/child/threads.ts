import { Worker } from 'node:worker_threads'
import type { Result, ThreadData, ThreadMessage, ThreadReply, ThreadRequest } from './messages.ts'

/** An instance in a thread of its own: one that hangs or crashes does not touch the others. */
export interface Thread {
  /** Boots a Valkey in it, once. `listener` is told when it has died by itself. */
  serve(data: ThreadData, listener: (reason: string) => void): Promise<Result>
  ask(op: ThreadRequest['op']): Promise<Result>
  close(): Promise<void>
}

/** @param onDeath told when it dies before it serves */
export function startThread(onDeath?: () => void): Thread {
  const worker = new Worker(new URL('thread.js', import.meta.url), { stdout: true, stderr: true })
  const waiting = new Map<number, (result: Result) => void>()
  let asked = 0
  let over = false
  let tellDeath: ((reason: string) => void) | undefined = onDeath
  const die = (reason: string) => {
    if (over) return
    over = true
    tellDeath?.(reason)
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  const tell = (message: ThreadMessage) => worker.postMessage(message)
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
  // Whoever has it serve is told.
  ready.catch(() => undefined)
  return {
    serve(data, listener) {
      tellDeath = listener
      tell({ serve: data })
      return ready
    },
    ask: (op) =>
      new Promise((resolve) => {
        const id = ++asked
        waiting.set(id, resolve)
        tell({ id, op })
      }),
    async close() {
      over = true
      await worker.terminate()
    },
  }
}
