import { relative } from 'node:path'

/** Path from the root, with `/`. */
export function fromRoot(root: string, path: string): string {
  return relative(root, path).replaceAll('\\', '/')
}
