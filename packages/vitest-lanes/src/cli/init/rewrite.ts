import { builders, generateCode, parseModule } from 'magicast'
import type { ProxifiedModule } from 'magicast'
import { getDefaultExportOptions } from 'magicast/helpers'
import type { Look } from './look.ts'

/** What the configuration becomes. */
export interface Rewritten {
  readonly source: string
  /** What somebody has to do by hand. */
  readonly notes: readonly string[]
}

type Options = Record<string, unknown>

/** What a project without a configuration gets. */
const EMPTY = "import { defineConfig } from 'vitest/config'\n\nexport default defineConfig({})\n"

/** Why a configuration is left as it is: its form is not understood, or what it would say reaches no project. */
export type Refused = 'form' | 'projects'

/** Adds the plugin to a configuration and takes out what keeps files one at a time. */
export function rewriteConfig(look: Look): Rewritten | Refused {
  let module: ProxifiedModule
  let options: Options
  try {
    module = parseModule(look.source === '' ? EMPTY : look.source)
    options = getDefaultExportOptions(module)
    if (!isOptions(options)) return 'form'
    addPlugin(options, look)
  } catch {
    return 'form'
  }
  const notes: string[] = []
  const test = options['test']
  if (isOptions(test)) {
    const own = extendProjects(test)
    if (own === 'all') return 'projects'
    if (own.length === 0) takeOutSerial(test)
    else notes.push(ownConfigurations(own))
    if (Object.keys(test).length === 0) delete options['test']
  }
  for (const { from, imported } of imports(look)) module.imports.$append({ from, imported, local: imported })
  return { source: inItsStyle(generateCode(module).code, look.source), notes }
}

/** Imports without a gap before them, with semicolons only where the file has them, and a line end at the end. */
function inItsStyle(code: string, before: string): string {
  const semicolons = before.split('\n').some((line) => line.trimEnd().endsWith(';'))
  const added = /^import \{ (?:redis|postgres|lanes) \} from (['"])(?:@vitest-lanes\/\w+|vitest-lanes)\1;?$/
  const lines = code.split('\n')
  const kept = lines.filter(
    (line, index) =>
      !(line === '' && added.test(lines[index + 1] ?? '') && /^import\b/.test(lines[index - 1] ?? '')),
  )
  const styled = kept.map((line) => (added.test(line) && !semicolons ? line.replace(/;$/, '') : line))
  return `${styled.join('\n').trimEnd()}\n`
}

function imports(look: Look): { from: string; imported: string }[] {
  return [
    ...look.resources.map(({ name, package: from }) => ({ from, imported: name })),
    { from: 'vitest-lanes', imported: 'lanes' },
  ]
}

function addPlugin(options: Options, look: Look): void {
  const plugin = builders.raw(pluginSource(look))
  const plugins = options['plugins'] as unknown[] | undefined
  if (plugins === undefined) options['plugins'] = [plugin]
  else plugins.push(plugin)
}

/** `lanes({ … })`, as it is written into the configuration. */
export function pluginSource({ resources, sources }: Look): string {
  const claims = [
    ...resources.map(({ name }) => name),
    // Such an address names a user and a database too: its files go on one at a time until someone has decided.
    ...(sources.hardCoded.length > 0 || resources.length === 0 ? ['sequential'] : []),
  ]
  const claimed = `[${claims.map((claim) => `'${claim}'`).join(', ')}]`
  const files = sources.globs.map((glob) => `      '${glob}': ${claimed},`).join('\n')
  const declared = resources.map(({ name, expression }) => `      ${name}: ${expression},`).join('\n')
  const resourcesPart = declared === '' ? '' : `    resources: {\n${declared}\n    },\n`
  return `lanes({\n${resourcesPart}    files: {\n${files}\n    },\n  })`
}

/** Takes out what runs files one at a time: claims say now what may not run beside what. */
function takeOutSerial(test: Options): void {
  if (test['fileParallelism'] === false) delete test['fileParallelism']
  for (const name of ['maxWorkers', 'minWorkers']) if (test[name] === 1) delete test[name]
  const poolOptions = test['poolOptions']
  if (!isOptions(poolOptions)) return
  for (const [pool, single] of [
    ['forks', 'singleFork'],
    ['threads', 'singleThread'],
  ] as const) {
    const own = poolOptions[pool]
    if (!isOptions(own) || own[single] !== true) continue
    delete own[single]
    if (Object.keys(own).length === 0) delete poolOptions[pool]
  }
  if (Object.keys(poolOptions).length === 0) delete test['poolOptions']
}

/** A project that extends nothing would not have the plugin. Returns those that cannot be made to from here. */
function extendProjects(test: Options): readonly string[] | 'all' {
  const projects = test['projects']
  if (!Array.isArray(projects) || projects.length === 0) return []
  const own: string[] = []
  for (const project of projects as unknown[]) {
    if (typeof project === 'string') own.push(project)
    else if (isOptions(project)) {
      if (project['extends'] === undefined) project['extends'] = true
      const settings = project['test']
      if (isOptions(settings)) takeOutSerial(settings)
    }
  }
  return own.length === projects.length ? 'all' : own
}

function ownConfigurations(projects: readonly string[]): string {
  const names = projects.map((project) => `\`${project}\``).join(', ')
  return `${names} extends nothing, and does not have the plugin: what keeps files one at a time is left in the root configuration. Take it out when each project has lanes(): see docs/projects.md.`
}

function isOptions(value: unknown): value is Options {
  return (
    typeof value === 'object' && value !== null && (value as { $type?: string }).$type !== 'function-call'
  )
}
