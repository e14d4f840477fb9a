// Texts of the files of inline projects.

/**
 * A configuration with `lanes(…)`; without it where the run has `STOCK` in its environment, with all files in parts where it
 * has `IN_PARTS`.
 */
export function config(lanes: string, test = '{}'): string {
  return `
    import { defineConfig } from 'vitest/config'
    import { lanes } from 'vitest-lanes'
    import { told } from './provider.ts'
    const split = process.env.IN_PARTS === undefined ? {} : { split: { files: ['**'], parts: 2 } }
    export default defineConfig({
      plugins: process.env.STOCK === undefined ? [lanes({ ...split, ...${lanes} })] : [],
      test: ${test},
    })
  `
}

/** A test file with one test. `head` stands above it, such as a tag. */
export function file(body: string, head = ''): string {
  return `${head}
    import { expect, test } from 'vitest'
    import { forever, hold, meet, tell, until } from '/events.ts'
    test('works', async () => { ${body} }, 60_000)
  `
}

/** The line with which a file says what it claims. Not written out here: Vitest would read it as a tag of ours. */
export function tag(name: string): string {
  return ['// @module', `tag ${name}\n`].join('-')
}
