import net from 'node:net'
import RedisParser from 'redis-parser'

export interface Address {
  readonly port: number
  readonly password: string
}

/** What connections of ours call themselves. */
export const OUR_NAME = 'vitest-lanes'

/**
 * For a few words with a server of ours, on 127.0.0.1. A whole client takes longer to load than such a server to start,
 * and is set up anew for each file.
 */
export interface Connection {
  /** Sends commands at once. Their replies; an `Error` in place of one where the server refused. Rejects if it goes away. */
  send(commands: readonly Command[]): Promise<unknown[]>
  /** Sends one command. Rejects with what the server says where it refuses. */
  call(...command: Command): Promise<unknown>
  end(): void
}

export type Command = readonly (string | number)[]

interface Waiting {
  readonly resolve: (reply: unknown) => void
  readonly reject: (error: Error) => void
}

/** An old server, or one whose password a file has taken away. */
const NO_PASSWORD_SET = /no password is set|without any password configured/

/** Connects; what goes wrong is told by the first command. */
export function openConnection({ port, password }: Address): Connection {
  const waiting: Waiting[] = []
  let over: Error | undefined
  const socket = net.connect({ host: '127.0.0.1', port, noDelay: true })
  const parser = new RedisParser({
    returnReply: (reply) => waiting.shift()?.resolve(reply),
    returnError: (error) => waiting.shift()?.resolve(error),
    returnFatalError: fail,
  })
  socket
    .on('data', (data) => parser.execute(data))
    .on('error', fail)
    .on('close', () => fail(new Error('the connection was closed')))

  function fail(error: Error): void {
    over ??= error
    socket.destroy()
    for (const each of waiting.splice(0)) each.reject(over)
  }

  function send(commands: readonly Command[]): Promise<unknown[]> {
    if (over !== undefined) return Promise.reject(over)
    const replies = commands.map(
      () => new Promise<unknown>((resolve, reject) => waiting.push({ resolve, reject })),
    )
    socket.write(commands.map(encode).join(''))
    return Promise.all(replies)
  }

  const greeted = send([
    ['AUTH', password],
    ['CLIENT', 'SETNAME', OUR_NAME],
  ]).then(([first]) => {
    if (first instanceof Error && !NO_PASSWORD_SET.test(first.message)) fail(first)
  })
  greeted.catch(() => undefined)

  return {
    send,
    async call(...command) {
      const [reply] = await send([command])
      if (reply instanceof Error) throw reply
      return reply
    },
    end: () => fail(new Error('it was ended')),
  }
}

/** Replies in RESP, where all of them are there. An `Error` in place of one where the server refused. */
export function decode(replies: Buffer): unknown[] {
  const all: unknown[] = []
  const take = (reply: unknown) => void all.push(reply)
  new RedisParser({ returnReply: take, returnError: take }).execute(replies)
  return all
}

/** As RESP has it: https://redis.io/docs/latest/develop/reference/protocol-spec/ */
export function encode(command: Command): string {
  const parts = command.map((part) => `$${Buffer.byteLength(String(part))}\r\n${part}\r\n`)
  return `*${parts.length}\r\n${parts.join('')}`
}
