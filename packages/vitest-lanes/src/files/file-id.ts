import { relative } from 'node:path'

/** A test file in a project: unique within a run. */
export function fileId(project: string, file: string): string {
  return project === '' ? file : `${project}|${file}`
}

/** Path from the root, with `/`. */
export function fromRoot(root: string, path: string): string {
  return relative(root, path).replaceAll('\\', '/')
}
