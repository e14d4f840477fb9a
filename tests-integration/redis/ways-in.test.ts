import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { createCertificates, withoutOpenssl, type Certificates } from '../support/certificates.ts'
import { closing } from './clients.ts'
import { connect, startRedis, withoutNative } from './engines.ts'
import { theirServer } from './theirs.ts'

/** A server that speaks TLS alone. */
const withTls = ({ ca, cert, key }: Certificates, clients: 'yes' | 'no') => [
  'port 0',
  'tls-port PORT',
  `tls-cert-file "${cert}"`,
  `tls-key-file "${key}"`,
  `tls-ca-cert-file "${ca}"`,
  `tls-auth-clients ${clients}`,
]

const missing = withoutNative ?? withoutOpenssl

describe.skipIf(missing !== undefined)(
  `a named server${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    test('with TLS is reached with the certificate of its authority, as text or as a path', async () => {
      await using certificates = await createCertificates()
      await using server = await theirServer(...withTls(certificates, 'no'))
      const { ca } = certificates
      for (const authority of [ca, await readFile(ca, 'utf8')]) {
        await using started = await startRedis({
          server: `rediss://localhost:${server.port}`,
          tls: { ca: authority },
        })
        const instance = await started.open()
        expect(instance.env['REDIS_URL']).toMatch(/^rediss:\/\/localhost:\d+\/\d+$/)
        using client = connect(instance, { tls: { ca: await readFile(ca, 'utf8') } })
        expect(await client.set('key', 'value')).toBe('OK')
        await instance.reset?.()
        expect(await client.dbsize()).toBe(0)
      }
    })

    test('with TLS and a certificate of nobody known is refused, unless that is allowed', async () => {
      await using certificates = await createCertificates()
      await using server = await theirServer(...withTls(certificates, 'no'))
      const url = `rediss://localhost:${server.port}`
      await expect(startRedis({ server: url })).rejects.toMatchObject({
        code: 'LANES_SERVER_START',
        message: expect.stringMatching(/cannot be used: self-signed certificate/),
      })
      await using started = await startRedis({ server: url, tls: { rejectUnauthorized: false } })
      using client = connect(await started.open(), { tls: { rejectUnauthorized: false } })
      expect(await client.ping()).toBe('PONG')
    })

    test('with TLS that asks for a certificate gets the one that is named', async () => {
      await using certificates = await createCertificates()
      const { ca, cert, key } = certificates
      await using server = await theirServer(...withTls(certificates, 'yes'))
      const url = `rediss://localhost:${server.port}`
      await expect(startRedis({ server: url, tls: { ca } })).rejects.toMatchObject({
        code: 'LANES_SERVER_START',
      })
      await using started = await startRedis({ server: url, tls: { ca, cert, key }, isolation: 'prefix' })
      expect((await started.open()).env['REDIS_URL']).toMatch(/^rediss:/)
    })

    test('on a Unix socket alone is reached by its path, and its files are told it', async () => {
      await using server = await theirServer('port 0', 'unixsocket "FOLDER/a b.sock"')
      const socket = path.join(server.folder, 'a b.sock')
      await using started = await startRedis({ server: `unix://${encodeURI(socket)}` })
      const { env } = await started.open()
      expect(env).toMatchObject({ REDIS_SOCKET: socket })
      expect(env).not.toHaveProperty('REDIS_PORT')
      using client = closing(new Redis({ path: socket, db: Number(env['REDIS_DB']) }))
      expect(await client.set('key', 'value')).toBe('OK')
    })

    test('on a Unix socket can be redirected to', async () => {
      await using server = await theirServer('port 0', 'unixsocket FOLDER/redis.sock')
      const socket = path.join(server.folder, 'redis.sock')
      await using started = await startRedis({ server: `unix://${socket}`, redirect: ['localhost:6379'] })
      const { env } = await started.open()
      const rules = Object.entries(env).filter(([name]) => name.startsWith('VITEST_LANES_REDIRECT_'))
      expect(rules.map(([, rule]) => JSON.parse(rule).to)).toEqual([{ path: socket }])
    })

    test('is used as the user that the URL names, whose password is hard to write', async () => {
      const password = `p@ss:w/ørd %20"'`
      await using server = await theirServer('port PORT')
      using root = closing(new Redis(server.port))
      await root.call(
        'ACL',
        'SETUSER',
        'ci',
        'on',
        `>${password}`,
        '~*',
        '&*',
        '+@all',
        '-@admin',
        '+client|list',
        '+acl|whoami',
      )
      const url = `redis://ci:${encodeURIComponent(password)}@127.0.0.1:${server.port}`
      await using started = await startRedis({ server: url })
      const { env } = await started.open()
      expect(env).toMatchObject({ REDIS_USERNAME: 'ci', REDIS_PASSWORD: password })
      using client = connect({ env, dispose: async () => undefined })
      expect(await client.call('ACL', 'WHOAMI')).toBe('ci')
      expect(started.log.join('\n')).not.toContain(password)
      await root.call('ACL', 'SETUSER', 'default', 'off')
      await expect(startRedis({ server: `redis://127.0.0.1:${server.port}` })).rejects.toThrow('NOAUTH')
    })

    test('whose user may not empty a database is refused before a file could leave something in one', async () => {
      await using server = await theirServer('port PORT')
      using root = closing(new Redis(server.port))
      await root.call('ACL', 'SETUSER', 'humble', 'on', '>secret', '~*', '&*', '+@all', '-flushdb')
      const start = startRedis({ server: `redis://humble:secret@127.0.0.1:${server.port}` })
      await expect(start).rejects.toMatchObject({
        code: 'LANES_SERVER_START',
        message: expect.stringContaining('may not empty a logical database'),
      })
      await expect(start).rejects.not.toThrow('secret')
      expect(await root.info('keyspace')).not.toMatch(/db\d/)
    })
  },
)
