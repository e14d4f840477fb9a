import { readFile } from 'node:fs/promises'

// The child process. What takes longest comes first: the program is compiled while the rest is loaded.
const [, , program, how] = process.argv
if (program === undefined) throw new TypeError('The path of valkey.wasm is missing.')
const compiled = readFile(program).then((bytes) => WebAssembly.compile(bytes))
const { serveRequests } = await import('./requests.ts')
await serveRequests(compiled, how === 'alone')
