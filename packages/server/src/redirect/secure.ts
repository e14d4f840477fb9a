import type { Socket } from 'node:net'

/** How a client of PostgreSQL asks whether it may go on with TLS; the answer is one letter. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/**
 * Makes a redirected connection look like one with TLS. It is none: it does not leave the machine, and what is at its end
 * has no certificate that the file could have been told of.
 */
export function lookSecure(socket: Socket, servername: unknown, callback: (() => void) | undefined): Socket {
  Object.assign(socket, {
    encrypted: true,
    authorized: true,
    authorizationError: null,
    alpnProtocol: false,
    servername: typeof servername === 'string' ? servername : false,
    getPeerCertificate: () => ({}),
    getPeerX509Certificate: () => undefined,
    getCertificate: () => null,
    getCipher: () => ({ name: 'NULL', standardName: 'NULL', version: 'TLSv1.3' }),
    getProtocol: () => 'TLSv1.3',
    getSession: () => undefined,
    isSessionReused: () => false,
    setServername: () => undefined,
    setMaxSendFragment: () => true,
    enableTrace: () => undefined,
  })
  if (callback !== undefined) socket.once('secureConnect', callback)
  const tell = () => void socket.emit('secureConnect')
  if (socket.connecting) socket.once('connect', tell)
  else process.nextTick(tell)
  return socket
}

/** Answers who asks for TLS in the way of PostgreSQL, which knows none on a Unix socket. */
export function answerSslRequest(socket: Socket): void {
  const write = socket.write.bind(socket)
  socket.write = function (chunk: unknown, ...rest: unknown[]) {
    Reflect.deleteProperty(socket, 'write')
    if (!(chunk instanceof Uint8Array) || !SSL_REQUEST.equals(chunk))
      return Reflect.apply(write, socket, [chunk, ...rest])
    const written = rest.find((each) => typeof each === 'function')
    process.nextTick(() => {
      if (written !== undefined) Reflect.apply(written, socket, [])
      socket.push(Buffer.from('S'))
    })
    return true
  }
}
