import { ALONE, LanesError, SEQUENTIAL, mergeClaims, nearest, parseClaim } from '@vitest-lanes/core'
import type { Claim } from '@vitest-lanes/core'
import picomatch from 'picomatch'
import type { FileLines } from '../options.ts'

/** Says what each file claims. */
export interface ClaimTable {
  /**
   * What a file claims: by the last matching line of `files`, and by its own tags.
   * @param file path from the root, with `/`
   * @param tags the file's `@module-tag`s
   * @param knownTags tags that Vitest's configuration declares: they may mean something else
   */
  of(file: string, tags: readonly string[], knownTags: ReadonlySet<string>): readonly Claim[]
  /** The globs of `files` that match none of the given files. */
  unmatched(files: readonly string[]): readonly string[]
}

/** Reads `files` once; throws for a claim of a resource that does not exist. */
export function createClaimTable(resources: Iterable<string>, files: FileLines): ClaimTable {
  const names = new Set([...resources, SEQUENTIAL, ALONE])
  const lines = files.map(([glob, texts]) => ({
    glob,
    matches: picomatch(glob.replace(/^\.\//, ''), { dot: true }),
    claims: claimsOfLine(glob, texts, names),
  }))

  return {
    of(file, tags, knownTags) {
      const line = lines.findLast(({ matches }) => matches(file))
      const own = tags.flatMap((tag) => claimOfTag(tag, names, knownTags, file))
      return own.length === 0 ? (line?.claims ?? []) : mergeClaims([...(line?.claims ?? []), ...own], file)
    },
    unmatched: (paths) =>
      lines.filter(({ matches }) => !paths.some((path) => matches(path))).map(({ glob }) => glob),
  }
}

function claimsOfLine(glob: string, texts: readonly string[], names: ReadonlySet<string>): readonly Claim[] {
  const where = `\`files['${glob}']\``
  return mergeClaims(
    texts.map((text) => known(parseClaim(text, where), names, where)),
    where,
  )
}

// A tag that names no resource is somebody else's tag, unless nothing declares it and it looks like a slip.
function claimOfTag(
  tag: string,
  names: ReadonlySet<string>,
  knownTags: ReadonlySet<string>,
  file: string,
): Claim[] {
  const [name = '', mode] = tag.split('/')
  if (names.has(name)) return [parseClaim(tag, `the \`@module-tag\` of ${file}`)]
  if (knownTags.has(tag)) return []
  const slip = mode === 'shared' || mode === 'exclusive' || nearest(name, [...names]) !== undefined
  return slip ? [known(parseClaim(tag), names, `the \`@module-tag\` of ${file}`)] : []
}

function known(claim: Claim, names: ReadonlySet<string>, where: string): Claim {
  if (names.has(claim.resource)) return claim
  const near = nearest(claim.resource, [...names])
  throw new LanesError('LANES_RESOURCE_UNKNOWN', `Unknown resource \`${claim.resource}\` in ${where}.`, {
    hint:
      near === undefined
        ? `Known are ${[...names].map((name) => `\`${name}\``).join(', ')}.`
        : `Did you mean \`${near}\`?`,
  })
}
