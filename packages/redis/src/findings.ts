import type { Finding, InspectedFile, Opener } from '@vitest-lanes/core'
import { readClients, type ConnectedClient } from './leaks/clients.ts'
import type { ServerFacts } from './leaks/facts.ts'

const SHOWN = 3

/** What a file left on the servers of an instance. */
export function findingsOf(
  resource: string,
  facts: readonly ServerFacts[],
  file: InspectedFile | undefined,
): Finding[] {
  return [
    ...openFindings(
      resource,
      facts.flatMap(({ clients }) => clients),
      file,
    ),
    ...facts.flatMap((each) => [...dataFindings(resource, each), ...changeFindings(resource, each)]),
  ]
}

/** What a file left connected, from what `CLIENT LIST` says. The connection that asked is not among it. */
export function connectionFindings(
  resource: string,
  clientList: string,
  file: InspectedFile | undefined,
): Finding[] {
  return openFindings(resource, readClients(clientList), file)
}

function openFindings(
  resource: string,
  clients: readonly ConnectedClient[],
  file: InspectedFile | undefined,
): Finding[] {
  const opened = (of: readonly ConnectedClient[]): Opener =>
    common(of.map(({ port }) => file?.openerOf(port)))
  const waiting = (kind: 'worker' | 'queue-events', name: string, what: string) =>
    [...byQueue(clients, kind)].map(([queue, of]) => {
      const opener = opened(of)
      const many = of.length === 1 ? `A ${what}` : `${of.length} ${what}s`
      const verb = of.length === 1 ? 'is' : 'are'
      const message = `${many} of queue ${queue} ${verb} still open${from(opener)}: await \`close()\`.`
      return { kind: name, message, resource, ...opener }
    })
  const workers = waiting('worker', 'redis-worker-open', 'BullMQ worker')
  const events = waiting('queue-events', 'redis-queue-events-open', 'BullMQ QueueEvents reader')
  const plain = clients.filter(({ role }) => role.kind === 'plain')
  // A worker sends its commands through another connection, which has no name.
  const rest = plain.slice(0, Math.max(0, plain.length - clients.filter(isWorker).length))
  if (rest.length === 0) return [...workers, ...events]
  const shown = rest.map(({ name, command }) => (name === '' ? command : `${name} (${command})`))
  const count = rest.length === 1 ? '1 connection' : `${rest.length} connections`
  const opener = opened(rest)
  const message = `${count} to ${resource} left open${from(opener)}; last command: ${some(shown)}.`
  return [...workers, ...events, { kind: 'redis-connection-open', message, resource, ...opener }]
}

function dataFindings(resource: string, { keys }: ServerFacts): Finding[] {
  const left = keys.plain.length
  const count = `${keys.isPart ? 'At least ' : ''}${left === 1 ? '1 key' : `${left} keys`}`
  return [
    ...keys.active.map(({ queue, count: jobs, ids }) => ({
      kind: 'redis-jobs-active',
      message: `${jobs === 1 ? '1 job' : `${jobs} jobs`} of queue ${queue} still active: ${some(ids, jobs)}.`,
      resource,
    })),
    ...(left === 0
      ? []
      : [
          {
            kind: 'redis-keys-left',
            message: `${count} left in ${resource}: ${some(keys.plain)}.`,
            resource,
          },
        ]),
  ]
}

function changeFindings(resource: string, facts: ServerFacts): Finding[] {
  const flushes = facts.calls('flushall')
  const told = (kind: string, condition: boolean, message: string) =>
    condition ? [{ kind, message, resource }] : []
  return [
    ...told(
      'redis-config-changed',
      facts.changed.length > 0,
      `Changed on the server of ${resource}, and not back: ${some(facts.changed)}.`,
    ),
    ...told('redis-functions-left', facts.hasFunctions, `Functions left on the server of ${resource}.`),
    ...told(
      'redis-scripts-flushed',
      facts.calls('script|flush') > 0,
      `SCRIPT FLUSH was used on ${resource}: on a server that others use, it takes their scripts away.`,
    ),
    ...told(
      'redis-flushall-used',
      flushes > 0,
      `FLUSHALL was used ${flushes === 1 ? 'once' : `${flushes} times`} on ${resource}: on a server that others use, it deletes their keys.`,
    ),
    ...told(
      'redis-obliterate-used',
      facts.obliterated,
      `BullMQ's \`obliterate\` was used on ${resource}: it deletes the jobs of all who use the queue, under a running job too, and jobs that wait for children stay.`,
    ),
  ]
}

function byQueue(clients: readonly ConnectedClient[], kind: 'worker' | 'queue-events') {
  const found = new Map<string, ConnectedClient[]>()
  for (const client of clients) {
    if (client.role.kind === kind)
      found.set(client.role.queue, [...(found.get(client.role.queue) ?? []), client])
  }
  return found
}

function isWorker({ role }: ConnectedClient): boolean {
  return role.kind === 'worker'
}

/** What is true of all of them. */
function common([first, ...others]: readonly (Opener | undefined)[]): Opener {
  const { test, place } = first ?? {}
  return {
    ...(test !== undefined && others.every((each) => each?.test === test) && { test }),
    ...(place !== undefined && others.every((each) => each?.place === place) && { place }),
  }
}

function from({ test, place }: Opener): string {
  if (place === undefined && test === undefined) return ''
  return `, opened${place === undefined ? '' : ` at ${place}`}${test === undefined ? '' : ` in '${test}'`}`
}

function some(texts: readonly string[], count = texts.length): string {
  const shown = texts.slice(0, SHOWN).map((text) => (text.length > 60 ? `${text.slice(0, 60)}…` : text))
  return shown.join(', ') + (count > shown.length ? `, and ${count - shown.length} more` : '')
}
