import { generalise, sorted } from '@vitest-lanes/core'
import type { Claim, FileOutcome, Footprint, FootprintPart, RunRecord, Use } from '@vitest-lanes/core'
import { fromRoot } from '../../files/path.ts'
import type { ProcessUses } from './process-log.ts'

/** What was seen of one file. */
export interface SeenFile {
  readonly file: string
  readonly project: string
  readonly content?: string
  readonly text: string
  /** By the configuration. */
  readonly claims: readonly Claim[]
  readonly outcome: FileOutcome
  /** Resources that have a provider. */
  readonly provided: readonly string[]
  /** By resource; undefined where its provider does not watch. */
  readonly parts: ReadonlyMap<string, FootprintPart | undefined>
  /** Variables of its instances, by resource. */
  readonly env: ReadonlyMap<string, Readonly<Record<string, string>>>
  readonly process: ProcessUses
  readonly findings: RunRecord['findings']
  /** Vitest's. */
  readonly root: string
}

/** Variables that lead to a server, whatever it is. */
const LEADS =
  /(?:^|_)(?:REDIS|VALKEY|POSTGRES|POSTGRESQL|PG|DATABASE|DB|MYSQL|MONGO|MONGODB|AMQP|RABBITMQ|KAFKA|ELASTICSEARCH|S3)(?:_.*)?_(?:URL|URI|HOST|PORT|DSN|ENDPOINT|NODES)$|^PG(?:HOST|PORT|DATABASE)$/
const OURS = /^(?:VITEST_|NODE_)/

/** Makes the footprint of what was seen. */
export function footprintOf(seen: SeenFile): Footprint {
  const { file, project, content, outcome, claims, parts, process, text } = seen
  const isWritten = (part: string): boolean => text.includes(part)
  const owners = ownersOf(seen.env)
  const variables = process.variables.filter((name) => !OURS.test(name))
  const resources = [...new Set([...parts.keys(), ...owners.values()])].sort().flatMap((resource) => {
    const own = variables
      .filter((name) => owners.get(name) === resource)
      .map((name) => use('variable', name, 'read'))
    const uses = generalise([...(parts.get(resource)?.uses ?? []), ...own], isWritten)
    return uses.length === 0 ? [] : [[resource, uses] as const]
  })
  const machine = [
    ...process.ports.map((port) => use('port', String(port), 'write')),
    ...process.files.map((path) => use('file', shown(seen.root, path), 'write')),
    ...variables
      .filter((name) => !owners.has(name) && LEADS.test(name))
      .map((name) => use('variable', name, 'read')),
    ...undeclared(seen.findings),
    ...[...parts.values()].flatMap((part) => part?.beyond ?? []),
  ]
  return {
    file,
    project,
    ...(content !== undefined && { content }),
    outcome,
    claims: claims.filter(({ resource }) => !resource.includes(' ')),
    resources: Object.fromEntries(resources),
    machine: sorted(generalise(machine, isWritten)),
    unseen: unseenIn(seen),
  }
}

function use(kind: string, name: string, mode: Use['mode']): Use {
  return { kind, name, mode }
}

/** Variables, to the resource that they lead to. */
function ownersOf(env: SeenFile['env']): ReadonlyMap<string, string> {
  return new Map(
    [...env].flatMap(([resource, variables]) =>
      Object.keys(variables).map((name) => [name, resource] as const),
    ),
  )
}

function shown(root: string, path: string): string {
  const short = fromRoot(root, path)
  return short.startsWith('..') ? path : short
}

function undeclared(findings: RunRecord['findings']): Use[] {
  return findings
    .filter(({ kind }) => kind === 'undeclared-use')
    .map(({ message }) =>
      use('address', /^Connects to (\S+?),?(?: |$)/.exec(message)?.[1] ?? message, 'write'),
    )
}

/** Says that nobody sees what files do there. */
export function notWatchable(resource: string): string {
  return `\`${resource}\`: its provider cannot be watched.`
}

/** What has no instances, and what the plugin itself adds. */
function isTurn({ resource }: Claim): boolean {
  return /^(?:sequential|alone)$|\s/.test(resource)
}

function unseenIn({ claims, provided, parts, process, outcome }: SeenFile): string[] {
  return [
    ...[...parts].flatMap(([resource, part]) =>
      part === undefined ? [notWatchable(resource)] : (part.unseen ?? []),
    ),
    ...claims
      .filter((claim) => !isTurn(claim) && !provided.includes(claim.resource))
      .map(({ resource }) => `\`${resource}\`: it has no provider that could be watched.`),
    ...provided
      .filter((resource) => !parts.has(resource))
      .map((resource) => `\`${resource}\`: it could not be had.`),
    ...(process.programs.length === 0
      ? []
      : [`Ports and files of ${process.programs.join(', ')}: the hook that sees them is for Node.js.`]),
    ...(outcome === 'failed' ? ['What it would have done had it not failed.'] : []),
  ]
}
