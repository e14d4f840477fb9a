import path from 'node:path'
import type { Finding, InspectedFile } from '@vitest-lanes/core'
import { findingsOf } from '../findings.ts'
import type { Baseline } from '../native/baseline.ts'
import type { Address } from '../native/connection.ts'
import { withConnection } from '../native/with-connection.ts'
import { factsOf } from './facts.ts'

/**
 * What a file left on a server that it had to itself.
 * @param baseline what the server was like before
 * @param patience ms
 * @param portsByFd where the server does not say from which ports its clients come, and somebody else does
 */
export async function leaksOn(
  server: Address,
  baseline: Baseline | undefined,
  patience: number,
  resource: string,
  file: InspectedFile | undefined,
  portsByFd?: () => Promise<Readonly<Record<number, number>>>,
): Promise<Finding[]> {
  const folders = file === undefined ? [] : [path.dirname(file.path)]
  const facts = await withConnection(server, patience, (connection) => factsOf(connection, baseline, folders))
  if (portsByFd === undefined || facts.clients.length === 0) return findingsOf(resource, [facts], file)
  const ports = await portsByFd()
  const clients = facts.clients.map((client) => ({ ...client, port: ports[client.fd] ?? 0 }))
  return findingsOf(resource, [{ ...facts, clients }], file)
}
