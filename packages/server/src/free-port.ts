import { createServer } from 'node:net'

/** A TCP port of the loopback interface that is free now. Another process may take it first: be ready to try again. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  if (address === null || typeof address === 'string') throw new TypeError('A TCP server has a port.')
  return address.port
}
