import type { Finding } from '@vitest-lanes/core'

/** What a file left connected, from what `CLIENT LIST` says. The connection that asked is not among it. */
export function connectionFindings(resource: string, clientList: string): Finding[] {
  const clients = clientList
    .split(/\r?\n/)
    .filter((line) => /\bid=\d/.test(line))
    .map((line) => ({ name: field(line, 'name'), command: field(line, 'cmd') }))
    .filter((client) => client.command !== 'client|list' && client.command !== 'client')
  if (clients.length === 0) return []
  const shown = clients
    .slice(0, 3)
    .map(({ name, command }) => (name === '' ? command : `${name} (${command})`))
  const more = clients.length > shown.length ? `, and ${clients.length - shown.length} more` : ''
  const count = clients.length === 1 ? '1 connection' : `${clients.length} connections`
  return [
    {
      kind: 'redis-connection-open',
      message: `${count} to ${resource} left open; last command: ${shown.join(', ')}${more}.`,
      resource,
    },
  ]
}

function field(line: string, name: string): string {
  return new RegExp(`(?:^| )${name}=([^ ]*)`).exec(line)?.[1] ?? ''
}
