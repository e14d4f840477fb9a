import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Reply, Request, Result } from './messages.ts'
import { startThread, type Thread } from './threads.ts'

/**
 * The child process: threads that share one compiled program, told what to do on standard input. It ends when its
 * input does: then the process that started it is gone.
 */
async function main(): Promise<void> {
  const program = process.argv[2]
  if (program === undefined) throw new TypeError('The path of valkey.wasm is missing.')
  // A thread takes longer to start than the program to compile.
  let first: Thread | undefined = startThread(() => (first = undefined))
  const compiled = readFile(program).then((bytes) => WebAssembly.compile(bytes))
  const threads = new Map<string, Thread>()

  const handle = async (request: Request): Promise<Result> => {
    const { name } = request
    if (request.op === 'open') {
      const thread = first ?? startThread()
      first = undefined
      threads.set(name, thread)
      const data = { module: await compiled, password: request.password }
      return thread.serve(data, (reason) => say({ died: name, reason }))
    }
    const thread = threads.get(name)
    if (thread === undefined) throw new Error(`There is no instance ${name}.`)
    if (request.op !== 'close') return thread.ask(request.op)
    threads.delete(name)
    await thread.close()
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

function say(reply: Reply): void {
  process.stdout.write(`${JSON.stringify(reply)}\n`)
}

await main()
