import { parentPort } from 'node:worker_threads'
import { serve, type Served } from './instance.ts'
import type { ThreadMessage, ThreadReply } from './messages.ts'

// An instance in a thread of its own, told what to do by messages.

function say(message: ThreadReply): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(message)
}

let serving: Promise<Served> | undefined
parentPort?.on('message', (message: ThreadMessage) => {
  // What fails ends the thread, which tells.
  if ('serve' in message) {
    serving = serve(message.serve, (died) => say({ died }))
    void serving.then(({ result }) => say({ ready: result }))
  } else void serving?.then(({ answer }) => say({ id: message.id, result: answer(message.op) }))
})
