import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createTwoFilesPatch } from 'diff'
import { EXIT } from '../exit.ts'
import type { ExitStatus } from '../exit.ts'
import type { Terminal } from '../terminal.ts'
import { lookAt } from './look.ts'
import type { Look } from './look.ts'
import { pluginSource, rewriteConfig } from './rewrite.ts'
import { findings, nextSteps } from './words.ts'

export interface InitOptions {
  readonly root: string
  readonly yes: boolean
  readonly json: boolean
}

const NEW_CONFIG = 'vitest.config.mjs'

/** `vitest-lanes init`: proposes a change of the configuration, and writes it where it may. */
export async function init(options: InitOptions, terminal: Terminal): Promise<ExitStatus> {
  const look = await lookAt(resolve(options.root))
  const path = look.config ?? NEW_CONFIG
  if (/from ['"]vitest-lanes['"]/.test(look.source)) {
    if (options.json) print(terminal, look, { path, changed: false, reason: 'lanes() is there already' })
    else terminal.print(`${path} has lanes() already. \`npx vitest-lanes plan\` shows what it does.`)
    return EXIT.fine
  }
  const rewritten = rewriteConfig(look)
  if (rewritten === 'projects') {
    const reason = 'its projects extend nothing'
    if (options.json) print(terminal, look, { path, changed: false, reason })
    else
      terminal.print(
        `The projects of ${path} have configurations of their own: a plugin in the root would reach none of them, so nothing was changed.\nWrite each as \`{ extends: true, root: './packages/api', test: { … } }\` and run this again, or add this to the plugins of each:\n\n  ${pluginSource(look)}\n`,
      )
    return EXIT.no
  }
  if (rewritten === 'form') {
    if (options.json) print(terminal, look, { path, changed: false, reason: 'its form is not understood' })
    else
      terminal.print(
        `${path} is written in a way that cannot be changed safely. Add this to its plugins:\n\n  ${pluginSource(look)}\n\nwith ${look.resources
          .map(({ name, package: from }) => `import { ${name} } from '${from}'`)
          .concat("import { lanes } from 'vitest-lanes'")
          .join(', ')}.`,
      )
    return EXIT.no
  }
  const patch = createTwoFilesPatch(path, path, look.source, rewritten.source, '', '', { context: 3 })
  const notes = [...rewritten.notes]
  if (options.json) {
    if (options.yes) await write(look, path, rewritten.source)
    print(terminal, look, { path, changed: options.yes, patch, notes })
    return EXIT.fine
  }
  terminal.print(findings(look).join('\n'))
  terminal.print(`\n${coloured(patch, terminal)}`)
  const agreed = options.yes || (await terminal.confirm(`Write ${path}?`))
  if (agreed !== true) {
    terminal.print(agreed === undefined ? 'Nothing written: --yes writes it.' : 'Nothing written.')
    return EXIT.no
  }
  await write(look, path, rewritten.source)
  terminal.print([`Wrote ${path}.`, ...nextSteps(look, notes)].join('\n'))
  return EXIT.fine
}

/** Not if somebody has changed the file since it was read. */
async function write(look: Look, path: string, source: string): Promise<void> {
  const file = join(look.root, path)
  if (look.config !== undefined && (await readFile(file, 'utf8')) !== look.source)
    throw new Error(`${file} has changed meanwhile: nothing was written.`)
  await writeFile(file, source, look.config === undefined ? { flag: 'wx' } : {})
}

/** A diff with colours, where the terminal has them. */
export function coloured(patch: string, terminal: Terminal): string {
  return patch
    .split('\n')
    .filter((line) => !/^(?:={3,}$|\\ No newline)/.test(line))
    .map((line) => {
      if (line.startsWith('+')) return terminal.style('green', line)
      return line.startsWith('-') ? terminal.style('red', line) : line
    })
    .join('\n')
}

function print(terminal: Terminal, look: Look, more: Readonly<Record<string, unknown>>): void {
  const { vitest, manager, compose, resources, sources } = look
  const { globs, usualRedis, hardCoded, poolIds, tests } = sources
  terminal.print(
    JSON.stringify(
      {
        version: 1,
        vitest,
        manager,
        compose,
        resources,
        tests: tests.length,
        globs,
        usualRedis,
        hardCoded,
        poolIds,
        ...more,
      },
      undefined,
      2,
    ),
  )
}
