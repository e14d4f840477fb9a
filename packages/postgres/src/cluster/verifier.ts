import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'

/** RFC 7677 asks for no fewer, and some clients refuse fewer. */
const ITERATIONS = 4096

/** A password for one run. */
export function newPassword(): string {
  return randomBytes(24).toString('base64url')
}

/**
 * What PostgreSQL keeps of an ASCII password: `ALTER ROLE … PASSWORD` takes it in the password's place, so that the
 * password itself never reaches the server's logs.
 */
export async function scramVerifier(password: string): Promise<string> {
  const salt = randomBytes(16)
  const salted = await promisify(pbkdf2)(password, salt, ITERATIONS, 32, 'sha256')
  const keyed = (text: string) => createHmac('sha256', salted).update(text).digest()
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64')
  const server = keyed('Server Key').toString('base64')
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${stored}:${server}`
}
