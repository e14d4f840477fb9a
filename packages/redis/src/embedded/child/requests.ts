import { createInterface } from 'node:readline'
import { serve } from './instance.ts'
import type { Reply, Request, Result, ThreadData } from './messages.ts'
import { startThread, type Thread } from './threads.ts'

/** What serves one instance. */
type Place = Pick<Thread, 'serve' | 'ask' | 'close'>

/**
 * Does what it is told on standard input, and ends when that does, since then the process that started this one is gone. There
 * is a thread for each instance, which share one compiled program; or, `alone`, one instance and no thread, which is there
 * sooner.
 */
export async function serveRequests(compiled: Promise<WebAssembly.Module>, alone: boolean): Promise<void> {
  // A thread takes longer to start than the program to compile.
  let first: Place | undefined = alone ? here() : startThread(() => (first = undefined))
  const places = new Map<string, Place>()

  const handle = async (request: Request): Promise<Result> => {
    const { name } = request
    if (request.op === 'open') {
      const { password, ask } = request
      const place = first ?? startThread()
      first = undefined
      places.set(name, place)
      return place.serve({ module: await compiled, password, ask }, (reason) => say({ died: name, reason }))
    }
    const place = places.get(name)
    if (place === undefined) throw new Error(`There is no instance ${name}.`)
    if (request.op !== 'close') return place.ask(request.op)
    places.delete(name)
    await place.close()
    return {}
  }

  process.stdout.write('{"up":true}\n')
  for await (const line of createInterface({ input: process.stdin })) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the process that started this one
    const request = JSON.parse(line) as Request
    handle(request).then(
      (result) => say({ id: request.id, result }),
      (error: Error) => say({ id: request.id, error: error.message }),
    )
  }
  process.exit(0)
}

/** An instance in this thread. */
function here(): Place {
  let answer: ((op: 'reset' | 'ports') => Result) | undefined
  return {
    async serve(data: ThreadData, died) {
      const served = await serve(data, died)
      answer = served.answer
      return served.result
    },
    ask: (op) => Promise.resolve(answer?.(op) ?? {}),
    close: () => Promise.resolve(process.exit(0)),
  }
}

function say(reply: Reply): void {
  process.stdout.write(`${JSON.stringify(reply)}\n`)
}
