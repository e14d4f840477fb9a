import { readFileSync } from 'node:fs'
import type { TestProject } from 'vitest/node'
import type { Contact } from './watch-log.ts'

/** Modules that are looked through, at most. */
const MODULES = 300
/** Packages whose clients connect a tick after the call that makes them, with ioredis at the bottom. */
const CLIENTS = ['ioredis', 'bullmq', 'redis', 'iovalkey', 'bull', 'bee-queue', 'pg', 'postgres']

/**
 * The line that probably opens a connection whose stack leads nowhere, since its client (ioredis) opens it a tick later:
 * in the test file or what it imports, the first line that names the port, else the first that makes a client.
 * @returns absolute path and line
 */
export function probableLine(
  project: TestProject,
  testFile: string,
  { to, via }: Contact,
): string | undefined {
  const port = /:(\d+)$/.exec(to)?.[1]
  const texts = importedBy(project, testFile).map((path) => ({ path, lines: linesOf(path) }))
  const naming = port === undefined ? undefined : new RegExp(`(?<!\\d)${port}(?!\\d)`)
  return (
    firstLine(texts, () => (line) => naming?.test(line) ?? false) ??
    firstLine(texts, (lines) => makesClient(lines, via === undefined ? CLIENTS : [via, ...CLIENTS]))
  )
}

type Matcher = (line: string) => boolean

function firstLine(
  texts: readonly { path: string; lines: readonly string[] }[],
  matcherOf: (lines: readonly string[]) => Matcher,
): string | undefined {
  for (const { path, lines } of texts) {
    const matches = matcherOf(lines)
    const index = lines.findIndex((line) => !/^\s*(\/\/|\*|\/\*)/.test(line) && matches(line))
    if (index !== -1) return `${path}:${index + 1}`
  }
  return undefined
}

/** Matches `new Name(` and `name(` of what a text imports from these packages. */
function makesClient(lines: readonly string[], packages: readonly string[]): Matcher {
  const imports = lines.join('\n').matchAll(/import\s+([^;'"]*?)\s+from\s*['"]([^'"]+)['"]/g)
  const names = Array.from(imports, ([, bindings = '', from = '']) =>
    packages.includes(from) ? bindings.split(/[\s,{}*]+|\bas\b/).filter((name) => /^\w+$/.test(name)) : [],
  ).flat()
  if (names.length === 0) return () => false
  const call = new RegExp(`\\b(${names.join('|')})(\\.\\w+)?\\(`)
  return (line) => call.test(line)
}

/** The file and the modules of the user's own that it imports, nearest first. */
function importedBy(project: TestProject, testFile: string): string[] {
  const found = new Set([testFile])
  for (const path of found) {
    if (found.size > MODULES) break
    for (const { moduleGraph } of Object.values(project.vite.environments)) {
      for (const module of moduleGraph.getModulesByFile(path) ?? []) {
        for (const { file } of module.importedModules)
          if (file !== null && !file.includes('/node_modules/')) found.add(file)
      }
    }
  }
  return [...found]
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n')
  } catch {
    return []
  }
}
