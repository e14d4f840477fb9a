import { glob } from 'tinyglobby'

/**
 * Of globs that match no file of this run, those that match no file at all: slips, rather than files that a filter
 * has left out.
 */
export async function globsWithoutFiles(root: string, globs: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    globs.map((pattern) =>
      glob(pattern, { cwd: root, dot: true, ignore: ['**/node_modules/**', '**/.git/**'] }),
    ),
  )
  return globs.filter((_, index) => found[index]!.length === 0)
}
