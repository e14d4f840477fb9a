import type { Socket } from 'node:net'
import { constants } from 'node:os'
import type { Target } from './target.ts'

/** What a file sees of the socket is the address that it named. */
export function disguise(socket: Socket, { host, port }: Target): void {
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
      // A socket that has gone with its server is not there, where a port would refuse.
      const code = error.code === undefined || error.code === 'ENOENT' ? 'ECONNREFUSED' : error.code
      const errno = code === 'ECONNREFUSED' ? -constants.errno.ECONNREFUSED : undefined
      error.message = `connect ${code} ${address}:${port}`
      Object.assign(error, { address, port, code }, errno === undefined ? {} : { errno })
    }
    return destroy(error)
  }
}
