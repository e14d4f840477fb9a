import type { Socket } from 'node:net'
import type { RedirectRule } from './rule.ts'

/** Sends the greeting before anything else, and keeps its answer from the file. */
export function greet(socket: Socket, greeting: NonNullable<RedirectRule['greeting']>): void {
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
