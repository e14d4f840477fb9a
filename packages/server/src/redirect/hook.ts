import { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { RULE_PREFIX, type RedirectRule } from './rule.ts'

/**
 * Loaded before all code of a file: sends what it opens to an address that a resource redirects to the file's own
 * instance. Everything else is as before.
 */

interface Target {
  readonly host: string
  readonly port: number
  readonly rule: RedirectRule
}

type Connect = (this: Socket, ...args: unknown[]) => Socket

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1', ''])

function readRules(env: NodeJS.ProcessEnv): ReadonlyMap<number, RedirectRule> {
  const rules = new Map<number, RedirectRule>()
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(RULE_PREFIX) || value === undefined) continue
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `redirectVariables`
    const rule = JSON.parse(value) as RedirectRule
    for (const port of rule.ports) rules.set(port, rule)
  }
  return rules
}

/** The options in what `connect` was called with: `(options)`, `(port, host)`, or the array that `net.connect` makes. */
function optionsIn(args: readonly unknown[]): Record<string, unknown> {
  const first: unknown = Array.isArray(args[0]) ? args[0][0] : args[0]
  if (typeof first === 'object' && first !== null) return { ...first }
  if (typeof first === 'string' && !/^\d+$/.test(first)) return { path: first }
  return { port: first, ...(typeof args[1] === 'string' && { host: args[1] }) }
}

function callbackIn(args: readonly unknown[]): unknown {
  const list: readonly unknown[] = Array.isArray(args[0]) ? args[0] : args
  return list.find((each) => typeof each === 'function')
}

function targetOf(
  options: Record<string, unknown>,
  rules: ReadonlyMap<number, RedirectRule>,
): Target | undefined {
  if (options['path'] !== undefined && options['path'] !== null) return undefined
  const port = Number(options['port'])
  const rule = rules.get(port)
  const host = typeof options['host'] === 'string' ? options['host'] : ''
  return rule !== undefined && LOOPBACK.has(host) ? { host, port, rule } : undefined
}

/** What a file sees of the socket is the address that it named. */
function disguise(socket: Socket, { host, port }: Target): void {
  const address = host === '::1' ? '::1' : '127.0.0.1'
  const seen = { remoteAddress: address, remotePort: port, remoteFamily: host === '::1' ? 'IPv6' : 'IPv4' }
  socket.prependOnceListener('connect', () => {
    for (const [name, value] of Object.entries(seen)) {
      Object.defineProperty(socket, name, {
        configurable: true,
        get: () => (socket.destroyed ? undefined : value),
      })
    }
  })
  const destroy = socket.destroy.bind(socket)
  socket.destroy = function (error?: Error & { syscall?: string; code?: string }) {
    if (error?.syscall === 'connect') {
      error.message = `connect ${error.code ?? 'ECONNREFUSED'} ${address}:${port}`
      Object.assign(error, { address, port })
    }
    return destroy(error)
  }
}

/** Sends the greeting before anything else, and keeps its answer from the file. */
function greet(socket: Socket, greeting: NonNullable<RedirectRule['greeting']>): void {
  const push = socket.push.bind(socket)
  let answered = Buffer.alloc(0)
  let lines = 0
  socket.push = function (chunk: unknown, encoding?: BufferEncoding) {
    if (!Buffer.isBuffer(chunk)) return push(chunk, encoding)
    answered = Buffer.concat([answered, chunk])
    let end = answered.indexOf('\n')
    while (end !== -1 && lines < greeting.lines) {
      lines++
      answered = answered.subarray(end + 1)
      end = answered.indexOf('\n')
    }
    if (lines < greeting.lines) return true
    Reflect.deleteProperty(socket, 'push')
    return answered.length === 0 ? true : push(answered, encoding)
  }
  socket.write(greeting.text)
}

function install(rules: ReadonlyMap<number, RedirectRule>): void {
  // oxlint-disable-next-line typescript/unbound-method, typescript/no-unsafe-type-assertion -- called with `this`, with whatever it was called
  const connect = Socket.prototype.connect as unknown as Connect
  const redirecting: Connect = function (...args) {
    const options = optionsIn(args)
    const target = this instanceof TLSSocket ? undefined : targetOf(options, rules)
    if (target === undefined) return connect.apply(this, args)
    const { port: _port, host: _host, lookup: _lookup, ...rest } = options
    disguise(this, target)
    const socket = connect.call(this, { ...rest, ...target.rule.to }, callbackIn(args))
    if (target.rule.greeting !== undefined) greet(socket, target.rule.greeting)
    return socket
  }
  Object.defineProperty(Socket.prototype, 'connect', {
    value: redirecting,
    configurable: true,
    writable: true,
  })
}

const rules = readRules(process.env)
if (rules.size > 0) install(rules)
