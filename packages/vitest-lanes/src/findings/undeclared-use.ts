import { ALONE, SEQUENTIAL } from '@vitest-lanes/core'
import type { Claim, Finding } from '@vitest-lanes/core'
import type { Known, KnownAddresses } from './known-addresses.ts'
import type { Contact } from './watch-log.ts'

/** The file whose connections are looked at. */
export interface ConnectingFile {
  readonly file: string
  readonly claims: readonly Claim[]
  /** Addresses of the instances that it holds. */
  readonly own: ReadonlySet<string>
  /** Variables that the configuration gives to its project. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Which line of code a connection goes back to, as far as that can be told. */
  placeOf(contact: Contact): string | undefined
}

/** What a file has connected to without claiming it, by address. */
export function undeclaredUse(
  contacts: readonly Contact[],
  file: ConnectingFile,
  addresses: KnownAddresses,
): Map<string, Finding> {
  // Whoever runs one at a time may share a server that is named in the code.
  if (file.claims.some(({ resource, mode }) => mode === 'exclusive' && isTurn(resource))) return new Map()
  const found = new Map<string, Finding>()
  const knownAt = addresses.lookup(file.env)
  for (const contact of contacts) {
    if (file.own.has(contact.to) || found.has(contact.to)) continue
    const known = knownAt(contact.to)
    if (known === undefined) continue
    const place = file.placeOf(contact)
    found.set(contact.to, {
      kind: 'undeclared-use',
      message: sentence(contact, known, place, file),
      ...(known.resource !== undefined && { resource: known.resource }),
      file: file.file,
      ...(contact.test !== undefined && { test: contact.test }),
      ...(place !== undefined && { place }),
    })
  }
  return found
}

function isTurn(resource: string): boolean {
  return resource === SEQUENTIAL || resource === ALONE
}

function sentence(
  { to, via, at }: Contact,
  { kind, resource, by }: Known,
  place: string | undefined,
  { file, claims }: ConnectingFile,
): string {
  const where = place === undefined ? '' : `${at === undefined ? ' probably' : ''} at ${place}`
  const through = via === undefined ? '' : ` through ${via}`
  const named = by === '' ? '' : `, ${by}`
  const what = `Connects to ${shown(to)}${through}${where}${named}`
  if (resource !== undefined && claims.some((claim) => claim.resource === resource))
    return `${what}, and not to the instance of \`${resource}\` that it claims: use the instance's variables, or \`redirect\` ${shown(to)}${kind === 'postgres' ? " with `isolation: 'server'`" : ''}.`
  const name = resource ?? kind
  const declare = resource === undefined ? `declare \`resources: { ${kind}: ${kind}() }\` and ` : ''
  return `${what}, and does not claim \`${name}\`: ${declare}add \`'${file}': [${lineOf(claims, name)}]\` to \`files\`.`
}

/** What the file claims, and what it is to claim; without what the plugin itself adds. */
function lineOf(claims: readonly Claim[], name: string): string {
  const own = claims.filter(({ resource }) => !resource.includes(' '))
  const texts = own.map(({ resource, mode }) => (mode === 'shared' ? `${resource}/shared` : resource))
  return [...texts, name].map((text) => `'${text}'`).join(', ')
}

function shown(address: string): string {
  return address.replace(/^127\.0\.0\.1:/, 'localhost:')
}
