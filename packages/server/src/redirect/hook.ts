import { syncBuiltinESMExports } from 'node:module'
import { Socket } from 'node:net'
import tls, { TLSSocket } from 'node:tls'
import { disguise } from './disguise.ts'
import { greet } from './greet.ts'
import { answerSslRequest, lookSecure } from './secure.ts'
import { callbackIn, optionsIn, readRules, targetOf, tlsOptionsIn, type Rules } from './target.ts'

/**
 * Loaded before all code of a file: sends what it opens to an address that a resource redirects to the file's own
 * instance. Everything else is as before.
 */

type Connect = (this: unknown, ...args: unknown[]) => Socket

/** @returns whether a socket was redirected */
function installTcp(rules: Rules): (socket: unknown) => boolean {
  const redirected = new WeakSet<Socket>()
  // oxlint-disable-next-line typescript/unbound-method, typescript/no-unsafe-type-assertion -- called with `this`, with whatever it was called
  const connect = Socket.prototype.connect as unknown as Connect
  const redirecting = function (this: Socket, ...args: unknown[]): Socket {
    const options = optionsIn(args)
    const target = this instanceof TLSSocket ? undefined : targetOf(options, rules)
    if (target === undefined) return connect.apply(this, args)
    const { port: _port, host: _host, lookup: _lookup, ...rest } = options
    redirected.add(this)
    disguise(this, target)
    const socket = connect.call(this, { ...rest, ...target.rule.to }, callbackIn(args))
    if (target.rule.greeting !== undefined) greet(socket, target.rule.greeting)
    answerSslRequest(socket)
    return socket
  }
  Object.defineProperty(Socket.prototype, 'connect', {
    value: redirecting,
    configurable: true,
    writable: true,
  })
  return (socket) => socket instanceof Socket && redirected.has(socket)
}

/** Who asks for TLS, on a connection of its own or on top of one, finds the same. */
function installTls(rules: Rules, isRedirected: (socket: unknown) => boolean): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- called with whatever it was called
  const connect = tls.connect as unknown as Connect
  const redirecting = function (this: unknown, ...args: unknown[]): Socket {
    const { servername, ...options } = tlsOptionsIn(args)
    const { socket, host, port, timeout } = options
    if (socket instanceof Socket) {
      return isRedirected(socket)
        ? lookSecure(socket, servername, callbackIn(args))
        : connect.apply(this, args)
    }
    if (socket !== undefined || targetOf(options, rules) === undefined) return connect.apply(this, args)
    const plain = new Socket()
    if (typeof timeout === 'number') plain.setTimeout(timeout)
    plain.connect(Number(port), typeof host === 'string' ? host : 'localhost')
    return lookSecure(plain, servername, callbackIn(args))
  }
  Object.assign(tls, { connect: redirecting })
  // For those who have imported it by name.
  syncBuiltinESMExports()
}

const rules = readRules(process.env)
if (rules.size > 0) installTls(rules, installTcp(rules))
