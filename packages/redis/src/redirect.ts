import { redirectVariables } from '@vitest-lanes/server'
import type { ServerAddress } from './engine.ts'

/** Variables that send connections to some ports of this machine to an instance, as if it had no password. */
export function redirecting(
  resource: string,
  ports: readonly number[],
  address: ServerAddress,
): Record<string, string> {
  if (ports.length === 0) return {}
  const { host, port, socket, username, password, db } = address
  const commands = [
    ...(password === '' ? [] : [['AUTH', username === '' ? 'default' : username, password]]),
    ...(db === 0 ? [] : [['SELECT', String(db)]]),
  ]
  const text = commands
    .map(
      (command) =>
        `*${command.length}\r\n${command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`,
    )
    .join('')
  return redirectVariables(resource, {
    ports,
    to: socket === undefined ? { host, port } : { path: socket },
    ...(commands.length > 0 && { greeting: { text, lines: commands.length } }),
  })
}
