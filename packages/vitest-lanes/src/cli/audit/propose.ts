import { directoryOf } from '@vitest-lanes/core'
import type { DirectoryClaims, Footprint } from '@vitest-lanes/core'
import { createClaimTable } from '../../files/claims.ts'
import type { ClaimTable } from '../../files/claims.ts'
import { claimTexts } from './audit-record.ts'
import { isBelow } from './check.ts'
import { findFiles } from './files-lines.ts'
import type { FilesPlace } from './files-lines.ts'

/** A line that a directory should have. */
export interface ProposedLine {
  readonly glob: string
  readonly claims: readonly string[]
  /** A comment for each claim, without slashes. */
  readonly because: readonly string[]
}

/** A configuration with the proposed lines. */
export interface Proposal {
  readonly source: string
  /** What a file claims by its lines; undefined where these cannot be read. */
  claimsOf(file: string): readonly string[] | undefined
}

/** The lines that are missing from what files claim now. Empty: each directory claims the least that it must. */
export function linesFor(
  least: readonly DirectoryClaims[],
  footprints: readonly Footprint[],
): ProposedLine[] {
  const lines: (ProposedLine & { readonly directory: string })[] = []
  for (const { directory, claims } of least) {
    const wanted = claimTexts(claims)
    const files = footprints.filter((each) => directoryOf(each) === directory)
    const above = lines.findLast((line) => line.directory === '' || isBelow(directory, line.directory))
    // What a directory above is given now goes for this one too.
    const have = above === undefined ? files.map((file) => claimTexts(file.claims)) : [above.claims]
    if (have.every((each) => sameTexts(each, wanted))) continue
    lines.push({
      directory,
      glob: directory === '' ? '**' : `${directory}/**`,
      claims: wanted,
      because:
        claims.length === 0
          ? ['nothing that files share']
          : claims.map(({ resource, because }) => `${resource}: ${because}`),
    })
  }
  return lines.map(({ glob, claims, because }) => ({ glob, claims, because }))
}

/** Puts lines into a configuration; undefined where its form is not understood. */
export function proposeLines(source: string, lines: readonly ProposedLine[]): Proposal | undefined {
  const place = findFiles(source)
  if (place === undefined) return undefined
  const indent = indentOf(source, place)
  const text = place.hasFiles ? withLines(source, lines, indent) : withFiles(source, place, lines, indent)
  const after = findFiles(text)?.lines.map(({ glob, claims }) => [glob, claims] as const) ?? []
  const table = after.every(isReadable) ? tableOf(after) : undefined
  return { source: text, claimsOf: (file) => table && claimTexts(table.of(file, [], new Set())) }
}

interface Edit {
  readonly at: number
  readonly until: number
  readonly text: string
}

type ReadLine = readonly [glob: string, claims: readonly string[]]

function isReadable(line: readonly [string, readonly string[] | undefined]): line is ReadLine {
  return line[1] !== undefined
}

function tableOf(lines: readonly ReadLine[]): ClaimTable {
  // Whether each of them is declared is the plugin's business.
  const resources = lines.flatMap(([, claims]) => claims.map((claim) => claim.split('/')[0]!))
  return createClaimTable(resources, lines)
}

/** One after the other: each moves the places of those behind it. */
function withLines(source: string, lines: readonly ProposedLine[], indent: string): string {
  return lines.reduce((text, line) => {
    const { at, until, text: added } = editFor(text, findFiles(text)!, line, indent)
    return text.slice(0, at) + added + text.slice(until)
  }, source)
}

/** Replaces the line of the same glob; else goes before the first line that is about something below it. */
function editFor(source: string, place: FilesPlace, line: ProposedLine, indent: string): Edit {
  const { glob } = line
  const same = place.lines.find((each) => each.glob.replace(/^\.\//, '') === glob)
  if (same !== undefined) {
    const at = reasonsAbove(source, same.start)
    return { at, until: same.end, text: textOf(line, indent).trimStart().replace(/,\n$/, '') }
  }
  const base = glob.replace(/\*\*$/, '')
  const below = place.lines.find((each) => each.glob.replace(/^\.\//, '').startsWith(base))
  if (below !== undefined) {
    const start = lineStart(source, below.start)
    const isOwnLine = source.slice(start, below.start).trim() === ''
    const at = isOwnLine ? start : below.start
    return { at, until: at, text: isOwnLine ? textOf(line, indent) : `\n${textOf(line, indent)}` }
  }
  const last = place.lines.at(-1)
  if (last === undefined)
    return { at: place.open, until: place.open, text: `\n${textOf(line, indent).trimEnd()}` }
  const rest = /^,?[ \t]*(?:\/\/[^\n]*)?/.exec(source.slice(last.end))![0]
  const own = rest.startsWith(',') ? rest : `,${rest}`
  return { at: last.end, until: last.end + rest.length, text: `${own}\n${textOf(line, indent).trimEnd()}` }
}

function textOf({ glob, claims, because }: ProposedLine, indent: string): string {
  const comments = because.map((reason) => `${indent}// ${reason}\n`).join('')
  const list = claims.map((claim) => `'${claim}'`).join(', ')
  return `${comments}${indent}'${glob}': [${list}],\n`
}

/** Adds `files` to options that have none. */
function withFiles(
  source: string,
  { close }: FilesPlace,
  lines: readonly ProposedLine[],
  indent: string,
): string {
  const before = source.slice(0, close).trimEnd()
  const comma = /[,{(]$/.test(before) ? '' : ','
  const outer = indent.slice(0, -2)
  const files = `${outer}files: {\n${lines.map((line) => textOf(line, indent)).join('')}${outer}},\n`
  return `${before}${comma}\n${files}${outer.slice(0, -2)}${source.slice(close)}`
}

function indentOf(source: string, { lines, open }: FilesPlace): string {
  const [first] = lines
  const at = first === undefined ? open : first.start
  const own = /^[ \t]*/.exec(source.slice(lineStart(source, at)))![0]
  if (first !== undefined) return own
  return `${own}    `
}

/** Where the reasons begin that an earlier audit has given for a line. */
function reasonsAbove(source: string, at: number): number {
  const reasons =
    /(?:\/\/ (?:[\w-]+: (?:writes|only reads|kept, since|connects to|listens on)|nothing that files share)[^\n]*\n\s*)+$/
  return at - (reasons.exec(source.slice(0, at))?.[0].length ?? 0)
}

function lineStart(source: string, at: number): number {
  return source.lastIndexOf('\n', at - 1) + 1
}

function sameTexts(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index])
}
