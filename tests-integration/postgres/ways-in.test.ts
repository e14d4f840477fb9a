import { chown } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { serverAccount } from '../../packages/postgres/dist/engine/account.js'
import { createCertificates, withoutOpenssl, type Certificates } from '../support/certificates.ts'
import { namedServer } from './support/named.ts'
import { ENGINES, project, query, startRun } from './support/provider.ts'

/** Settings of a server that speaks TLS, whose key the account that it runs as must own. */
async function withTls({ cert, key }: Certificates) {
  const account = await serverAccount()
  if (account !== undefined) await chown(key, account.uid, account.gid)
  return { ssl: true, ssl_cert_file: cert, ssl_key_file: key }
}

const MIGRATIONS = { 'm/1.sql': 'create table users (id int)' }

describe.each(ENGINES)('a named server, %s', (engine) => {
  describe.skipIf(withoutOpenssl !== undefined)(`with TLS${withoutOpenssl ?? ''}`, () => {
    test('is reached as its URL says, and its files are told the same', async () => {
      await using certificates = await createCertificates()
      const named = await namedServer(engine, await withTls(certificates))
      const url = new URL(named.builder)
      url.hostname = 'localhost'
      url.searchParams.set('sslmode', 'verify-full')
      url.searchParams.set('sslrootcert', certificates.ca)
      const root = await project(MIGRATIONS)
      const run = await startRun({ server: url.href, migrate: './m' }, { root })
      const instance = await run.open()
      expect(await query(instance, 'select ssl from pg_stat_ssl where pid = pg_backend_pid()')).toEqual([
        { ssl: true },
      ])
      expect(instance.env).toMatchObject({ PGSSLMODE: 'verify-full', PGSSLROOTCERT: certificates.ca })
    })

    test('is refused where its certificate is of nobody known', async () => {
      await using certificates = await createCertificates()
      const named = await namedServer(engine, await withTls(certificates))
      const failure = startRun({ server: `${named.builder}?sslmode=verify-full` })
      await expect(failure).rejects.toMatchObject({
        code: 'LANES_SERVER_START',
        message: expect.stringContaining('self-signed certificate'),
      })
      await expect(failure).rejects.not.toThrow(named.password)
    })
  })

  test.each([
    ['in a parameter', (folder: string) => `/foreign_data?host=${encodeURIComponent(folder)}&port=`],
    ['in the place of the host', (folder: string) => `${encodeURIComponent(folder)}/foreign_data?port=`],
  ])('on a Unix socket whose folder stands %s is reached by it', async (_, place) => {
    const named = await namedServer(engine)
    const [row] = await query(named.url, "select current_setting('unix_socket_directories') as folder")
    const folder = String(row?.['folder']).replaceAll('"', '')
    const { port } = new URL(named.url)
    const root = await project(MIGRATIONS)
    const run = await startRun(
      { server: `postgresql://builder@${place(folder)}${port}`, migrate: './m' },
      { root },
    )
    const instance = await run.open()
    expect(await query(instance, 'select inet_client_addr() as from, current_user as who')).toEqual([
      { from: null, who: 'builder' },
    ])
    expect(await query(instance, 'select * from users')).toEqual([])
    const { PGHOST: host, PGPORT, PGUSER: user, PGDATABASE: database } = instance.env
    expect(host).toBe(folder)
    expect(
      await query({ host, port: Number(PGPORT), user, database }, 'select count(*)::int from users'),
    ).toEqual([{ count: 0 }])
  })

  test('whose names and passwords are hard to write is used as it is', async () => {
    const named = await namedServer(engine)
    const database = `a "b" c%d_é'`.padEnd(60, 'x')
    await query(named.url, `create database "${database.replaceAll('"', '""')}" owner builder`)
    const url = new URL(named.builder)
    url.pathname = encodeURIComponent(database)
    const run = await startRun({ server: url.href, isolation: 'schema' })
    const instance = await run.open()
    expect(await query(instance, 'select current_database() as name')).toEqual([{ name: database }])
    expect(instance.env['PGPASSWORD']).toBe(named.password)
  })
})
