// Loaded before all code of a file, in its worker and in what that starts: lets whatever they send over a socket leave a
// little later, each time another while, as on a slow network. In order, since a stream writes one thing at a time.
type Socket = import('node:net').Socket & { readonly _isStdio?: boolean }
type Write = (this: Socket, ...args: unknown[]) => void

const VARIABLE = 'VITEST_LANES_LATENCY'
const SLOWED = Symbol.for('vitest-lanes.latency')

const net = require('node:net') as typeof import('node:net')
// A test may put another in its place.
const { setTimeout: later } = globalThis

const slow = (most: number): void => {
  const prototype = net.Socket.prototype as unknown as Record<'_write' | '_writev', Write>
  for (const method of ['_write', '_writev'] as const) {
    const write = prototype[method]
    const slowed: Write = function (...args) {
      if (this._isStdio === true) write.apply(this, args)
      else later(() => write.apply(this, args), Math.random() * most)
    }
    Object.defineProperty(prototype, method, { value: slowed, configurable: true, writable: true })
  }
}

const most = Number(process.env[VARIABLE])
const loaded = process as { [SLOWED]?: true }
if (most > 0 && loaded[SLOWED] === undefined) {
  loaded[SLOWED] = true
  slow(most)
}
