// Loaded before Vitest in a worker of ours: keeps what V8 made of the code of packages, so that the next process need not
// compile it again. A worker is ended by a signal, so it writes before that. Threads that a file starts load it too, and it
// does nothing there.
type Listener = (message: unknown) => void
type On = (event: string, listener: Listener) => unknown

const VARIABLE = 'VITEST_LANES_COMPILE_CACHE'
const { parentPort } = require('node:worker_threads') as typeof import('node:worker_threads')
// Of Node.js 22.10 and later; the types are those of 20.
const modules = require('node:module') as {
  enableCompileCache: (folder: string) => unknown
  flushCompileCache: () => void
}

const listen = (message: unknown): void => {
  // How Vitest asks a worker to tear itself down (4.1.12, 5.1.1).
  if ((message as { type?: unknown } | null)?.type === 'stop') modules.flushCompileCache()
}

/** Listens as soon as Vitest does: who listens first would be told what is meant for it. */
const listenAfter = (target: { on: On }): void => {
  const on = target.on.bind(target)
  let listens = false
  const value: On = (event, listener) => {
    const result = on(event, listener)
    if (event !== 'message' || listens) return result
    // Vitest may have bound this one for good.
    listens = true
    // Unless somebody else has wrapped it since.
    if (target.on === value) Reflect.deleteProperty(target, 'on')
    on('message', listen)
    return result
  }
  Object.defineProperty(target, 'on', { configurable: true, writable: true, value })
}

const folder = process.env[VARIABLE]
delete process.env[VARIABLE]
process.execArgv = process.execArgv.filter(
  (option, index, all) => option !== __filename && !(option === '--require' && all[index + 1] === __filename),
)
if (folder !== undefined) {
  modules.enableCompileCache(folder)
  listenAfter((parentPort as { on: On } | null) ?? process)
}
