import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A certificate of its own authority, for `localhost` and `127.0.0.1`. */
export interface Certificates extends AsyncDisposable {
  /** Paths of PEM files. */
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** Why there can be none here; `undefined` if there can. */
export const withoutOpenssl: string | undefined = await run('openssl', ['version']).then(
  () => undefined,
  () => 'no openssl on the PATH',
)

/** Makes certificates with `openssl`; everybody may read them. */
export async function createCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lanes tls '))
  await chmod(folder, 0o755)
  const [cert, key] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')]
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1'
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost']
  await run('openssl', ['req', ...kind, '-addext', names, '-keyout', key, '-out', cert])
  return {
    ca: cert,
    cert,
    key,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
