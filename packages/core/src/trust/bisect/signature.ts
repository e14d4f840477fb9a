import type { Group } from './types.ts'

/** Names groups: the same for those that run the same. Remembers each, since large ones take a while. */
export function createSignatures(): (group: Group) => string {
  const known = new WeakMap<Group, string>()
  return (group) => {
    const made = known.get(group) ?? signature(group)
    known.set(group, made)
    return made
  }
}

function signature({ relation, files, tests = {} }: Group): string {
  // With no other file there is nothing to be before or beside.
  if (files.length === 0) return 'alone'
  const only = Object.entries(tests).map(([file, names]) => [file, [...names].sort()] as const)
  return JSON.stringify([relation, [...files].sort(), ...only.sort(([a], [b]) => (a < b ? -1 : 1))])
}
