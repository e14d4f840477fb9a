import { openConnection, type Address, type Command, type Connection } from './connection.ts'

/**
 * Connects, does something, and disconnects: while a file runs, no connection of ours is among its own.
 * Rejects if the server does not answer within `timeout` ms.
 */
export async function withConnection<T>(
  address: Address,
  timeout: number,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = openConnection(address)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeout / 1000} s`)), timeout)
  })
  const worked = work(connection)
  try {
    return await Promise.race([worked, late])
  } finally {
    clearTimeout(timer)
    worked.catch(() => undefined)
    connection.end()
  }
}

/** Who is connected, as `CLIENT LIST` shows it; we are among them. */
export async function clientsOf(address: Address, timeout: number): Promise<string> {
  return withConnection(address, timeout, async (connection) =>
    String(await connection.call('CLIENT', 'LIST')),
  )
}

/** Sends commands at once. A command that this version of the server does not know counts as done. */
export async function sendAll(connection: Connection, commands: readonly Command[]): Promise<unknown[]> {
  const replies = await connection.send(commands)
  return replies.map((reply) => {
    if (!(reply instanceof Error)) return reply
    if (!/unknown (command|subcommand)|syntax error/i.test(reply.message)) throw reply
    return undefined
  })
}
