import { readFileSync } from 'node:fs'
import { LanesError } from '@vitest-lanes/core'
import { isNearHost } from '@vitest-lanes/server'

/** Certificates for `rediss://`, as texts or as paths of files. */
export interface TlsOptions {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** False accepts any certificate: for a server that signs its own. */
  readonly rejectUnauthorized?: boolean
}

/** Where a named server is, and how to come in. */
export interface Address {
  readonly host: string
  readonly port: number
  /** A Unix socket, in place of host and port. */
  readonly path: string | undefined
  readonly username: string
  readonly password: string
  readonly tls: TlsOptions | undefined
}

/**
 * Reads `redis://user:password@host:port`, `rediss://…` or `unix:///path/to.sock`.
 * @throws LANES_OPTION_INVALID if it cannot be read, names a database, or leads to another network without `allowRemote`.
 *   The URL itself is never shown: it may hold a password.
 */
export function readAddress(text: string, tls: TlsOptions | undefined, allowRemote: boolean): Address {
  const url = parse(text)
  const secure = url.protocol === 'rediss:'
  if (tls !== undefined && !secure) throw invalid('`tls` goes with a `server` that begins with rediss://.')
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const path = url.protocol === 'unix:' ? decode(url.pathname) : undefined
  if (path === undefined && url.pathname.length > 1 && url.pathname !== '/0') {
    throw invalid('`server` names a database; which databases are used is decided by what is free.')
  }
  if (path === undefined && !allowRemote && !isNearHost(host)) {
    throw new LanesError(
      'LANES_OPTION_INVALID',
      `redis(): server leads to ${host}, which is neither this machine nor a private network.`,
      { hint: 'If keys may be written and deleted there, add `allowRemote: true`.' },
    )
  }
  return {
    host: host === '' ? 'localhost' : host,
    port: url.port === '' ? 6379 : Number(url.port),
    path,
    username: decode(url.username),
    password: decode(url.password),
    tls: secure ? readCertificates(tls ?? {}) : undefined,
  }
}

/** Without the password. */
export function place({ host, port, path }: Address): string {
  return path ?? `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** A URL for clients, with a database. */
export function urlOf({ host, port, path, username, password, tls }: Address, db: number): string {
  const secret = password === '' ? '' : `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`
  if (path !== undefined) return `unix://${secret}${encodeURI(path)}?db=${db}`
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  return `${tls === undefined ? 'redis' : 'rediss'}://${secret}${address}/${db}`
}

function parse(text: string): URL {
  try {
    const url = new URL(text)
    if (['redis:', 'rediss:'].includes(url.protocol) || (url.protocol === 'unix:' && url.pathname !== ''))
      return url
  } catch {
    // Told below, without the text.
  }
  throw invalid(
    'expected server to be a URL of Redis.',
    'Write redis://user:password@host:6379, rediss://… or unix:///path/to.sock.',
  )
}

function readCertificates(tls: TlsOptions): TlsOptions {
  return {
    ...(tls.ca !== undefined && { ca: certificate(tls.ca) }),
    ...(tls.cert !== undefined && { cert: certificate(tls.cert) }),
    ...(tls.key !== undefined && { key: certificate(tls.key) }),
    ...(tls.rejectUnauthorized !== undefined && { rejectUnauthorized: tls.rejectUnauthorized }),
  }
}

function certificate(value: string): string {
  return value.includes('-----BEGIN') ? value : readFileSync(value, 'utf8')
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function invalid(message: string, hint?: string): LanesError {
  return new LanesError('LANES_OPTION_INVALID', `redis(): ${message}`, hint === undefined ? {} : { hint })
}
