import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const git = promisify(execFile)

/** What is checked out where the tests lie; undefined outside of a git repository, and where there is no git. */
export async function commitOf(root: string): Promise<string | undefined> {
  return (await ask(root, ['rev-parse', '--verify', 'HEAD']))?.trim()
}

/**
 * Files that are not as they were committed and were written since, from the root of the repository; those that git
 * does not know are left out, since a run writes some itself. Empty outside of a git repository.
 * @param since ISO 8601
 */
export async function changedSince(root: string, since: string): Promise<readonly string[]> {
  const top = (await ask(root, ['rev-parse', '--show-toplevel']))?.trimEnd()
  const status = await ask(root, ['status', '--porcelain', '-z', '--no-renames', '--untracked-files=no'])
  if (top === undefined || status === undefined) return []
  // `XY path`, with two letters of state.
  const files = status
    .split('\0')
    .map((line) => line.slice(3))
    .filter((file) => file !== '')
  const then = Date.parse(since)
  const written = await Promise.all(
    files.map(async (file) => ({ file, at: (await stat(join(top, file)).catch(() => undefined))?.mtimeMs })),
  )
  // When a file was deleted, nobody knows.
  return written.filter(({ at }) => at === undefined || at > then).map(({ file }) => file)
}

async function ask(cwd: string, args: readonly string[]): Promise<string | undefined> {
  try {
    // A hook of git's is told of a repository by variables, from another folder; and nobody is kept from using it.
    const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, ...env } = process.env
    return (await git('git', ['--no-optional-locks', ...args], { cwd, env, maxBuffer: 2 ** 28 })).stdout
  } catch {
    return undefined
  }
}
