import { describe, expect, test } from 'vitest'
import { readOptions } from '../../packages/demo/src/options.ts'

describe('the options of the demo', () => {
  test('default to one round, no file and the servers that the machine has', () => {
    expect(readOptions([])).toEqual({ json: undefined, repeat: 1, engine: undefined, help: false })
  })

  test('are read behind the `--` that package managers leave', () => {
    expect(readOptions(['--', '--json', 'out.json', '--repeat', '3', '--engine', 'embedded'])).toEqual({
      json: 'out.json',
      repeat: 3,
      engine: 'embedded',
      help: false,
    })
  })

  test.each(['0', '1.5', 'many'])('refuse to repeat %s times', (repeat) => {
    expect(() => readOptions(['--repeat', repeat])).toThrow(`got \`${repeat}\``)
  })

  test('refuse an engine and an option that do not exist', () => {
    expect(() => readOptions(['--engine', 'docker'])).toThrow('native')
    expect(() => readOptions(['--jsno', 'x'])).toThrow('--jsno')
  })
})
