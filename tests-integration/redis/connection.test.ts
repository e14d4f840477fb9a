import { expect, test } from 'vitest'
import { OUR_NAME, openConnection, type Address } from '../../packages/redis/dist/native/connection.js'
import { sendAll, withConnection } from '../../packages/redis/dist/native/with-connection.js'
import { connect, describeEngines, startRedis, type Started } from './engines.ts'

const PATIENCE = 2_000

async function addressOn(server: Started): Promise<Address> {
  const { env } = await server.open()
  return { port: Number(env['REDIS_PORT']), password: env['REDIS_PASSWORD'] ?? '' }
}

describeEngines((engine) => {
  test('says and hears text of any length and in any script', async () => {
    await using server = await startRedis({ engine })
    const address = await addressOn(server)
    const long = 'ab😀"\r\n$5\r\n'.repeat(50_000)
    const heard = await withConnection(address, 10_000, async (connection) => {
      await connection.call('SET', 'ключ 😀', long)
      return connection.call('GET', 'ключ 😀')
    })
    expect(heard).toBe(long)
  })

  test('replies come in the order of the commands, and a refused one stands in its place', async () => {
    await using server = await startRedis({ engine })
    const [one, refused, list, nothing] = await withConnection(
      await addressOn(server),
      PATIENCE,
      (connection) =>
        connection.send([
          ['SET', 'a', 1],
          ['LLEN', 'a'],
          ['KEYS', '*'],
          ['GET', 'b'],
        ]),
    )
    expect([one, list, nothing]).toEqual(['OK', ['a'], null])
    expect(String(refused)).toContain('WRONGTYPE')
  })

  test('one command rejects with what the server says; one that it does not know is as good as done', async () => {
    await using server = await startRedis({ engine })
    const address = await addressOn(server)
    await withConnection(address, PATIENCE, async (connection) => {
      await expect(connection.call('SET', 'a')).rejects.toThrow('wrong number of arguments')
      expect(await sendAll(connection, [['NO-SUCH-COMMAND'], ['PING']])).toEqual([undefined, 'PONG'])
      await expect(sendAll(connection, [['SET', 'a']])).rejects.toThrow('wrong number of arguments')
    })
  })

  test('tells its name, and is gone when the work is done', async () => {
    await using server = await startRedis({ engine })
    const instance = await server.open()
    using client = connect(instance)
    const address = {
      port: Number(instance.env['REDIS_PORT']),
      password: instance.env['REDIS_PASSWORD'] ?? '',
    }
    const clients = async () => String(await client.client('LIST'))
    await withConnection(address, PATIENCE, async (connection) => {
      await connection.call('PING')
      expect(await clients()).toContain(`name=${OUR_NAME}`)
    })
    await expect.poll(clients).not.toContain(`name=${OUR_NAME}`)
  })

  test('does nothing with a wrong password, and says why', async () => {
    await using server = await startRedis({ engine })
    const { port } = await addressOn(server)
    const asked = withConnection({ port, password: 'wrong' }, PATIENCE, (connection) =>
      connection.call('PING'),
    )
    await expect(asked).rejects.toThrow(/WRONGPASS|NOAUTH/)
  })

  test('a server that a file has left without a password still answers', async () => {
    await using server = await startRedis({ engine })
    const address = await addressOn(server)
    await withConnection(address, PATIENCE, (connection) =>
      connection.call('CONFIG', 'SET', 'requirepass', ''),
    )
    expect(await withConnection(address, PATIENCE, (connection) => connection.call('PING'))).toBe('PONG')
  })

  test('a connection that is cut, or never came about, rejects what is still to be answered', async () => {
    await using server = await startRedis({ engine })
    const address = await addressOn(server)
    const connection = openConnection(address)
    await connection.call('PING')
    const popped = connection.call('BLPOP', 'never', 0).catch(String)
    await withConnection(address, PATIENCE, (other) => other.call('CLIENT', 'KILL', 'SKIPME', 'yes'))
    expect(await popped).toContain('the connection was closed')
    await expect(connection.call('PING')).rejects.toThrow('the connection was closed')
    await server[Symbol.asyncDispose]()
    await expect(openConnection(address).call('PING')).rejects.toThrow('ECONNREFUSED')
  })

  test('an answer that does not come is not waited for', async () => {
    await using server = await startRedis({ engine })
    const waiting = withConnection(await addressOn(server), 50, (connection) =>
      connection.call('BLPOP', 'never', 0),
    )
    await expect(waiting).rejects.toThrow('no answer within 0.05 s')
  })
})
