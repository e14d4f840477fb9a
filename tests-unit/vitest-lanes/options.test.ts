import { describe, expect, test } from 'vitest'
import { LanesError, lanes } from 'vitest-lanes'

function refused(options: unknown): LanesError {
  try {
    lanes(options as never)
  } catch (error) {
    if (error instanceof LanesError) return error
    throw error
  }
  throw new Error('It was accepted.')
}

const provider = { name: 'own', open: () => Promise.reject(new Error('never opened')) }

describe('options that cannot be understood are refused with what, where and what to do', () => {
  test.each([
    [
      'an unknown option',
      { resource: {} },
      'LANES_OPTION_UNKNOWN',
      ['lanes()', '`resource`', 'mean `resources`'],
    ],
    [
      'an unknown option of a resource',
      { resources: { a: { instance: 1 } } },
      'LANES_OPTION_UNKNOWN',
      ['`resources.a`', 'mean `instances`'],
    ],
    [
      'no instances',
      { resources: { a: { instances: 0 } } },
      'LANES_OPTION_INVALID',
      ['`resources.a.instances`', '`0` (number)'],
    ],
    [
      'one instance and a half',
      { resources: { a: { instances: 1.5 } } },
      'LANES_OPTION_INVALID',
      ['at least 1', '`1.5` (number)'],
    ],
    [
      'no instances of a provider',
      { resources: { a: { ...provider, instances: 0 } } },
      'LANES_OPTION_INVALID',
      ['`resources.a.instances`'],
    ],
    [
      'instances as text',
      { resources: { a: { instances: '3' } } },
      'LANES_OPTION_INVALID',
      ['`"3"` (string)'],
    ],
    [
      'a policy that does not exist',
      { leaks: 'reprot' },
      'LANES_OPTION_INVALID',
      ['`leaks`', "'report', 'fail' or 'off'", '`"reprot"` (string)', "mean 'report'"],
    ],
    ['a policy that is no text', { undeclared: false }, 'LANES_OPTION_INVALID', ['`undeclared`', '`false`']],
    ['an option that is nearly right', { leak: 'fail' }, 'LANES_OPTION_UNKNOWN', ['mean `leaks`']],
    ['no lanes', { lanes: 0 }, 'LANES_OPTION_INVALID', ['`lanes`', '`0` (number)']],
    [
      'a provider that was not called',
      { resources: { a: () => provider } },
      'LANES_OPTION_INVALID',
      ['`resources.a`', 'a function'],
    ],
    ['resources as a list', { resources: [] }, 'LANES_OPTION_INVALID', ['`resources`', 'an object']],
    ['no resource', { resources: { a: null } }, 'LANES_OPTION_INVALID', ['`resources.a`', 'null']],
    [
      'claims that are no list',
      { files: { '**': 'a' } },
      'LANES_OPTION_INVALID',
      ["`files['**']`", '`"a"` (string)'],
    ],
    [
      'variables that are no function',
      { resources: { a: { env: {} } } },
      'LANES_OPTION_INVALID',
      ['`resources.a.env`'],
    ],
    [
      'a built-in name',
      { resources: { sequential: {} } },
      'LANES_RESOURCE_NAME',
      ['`sequential`', 'another name'],
    ],
    ['a name that is no tag', { resources: { 'my db': {} } }, 'LANES_RESOURCE_NAME', ['`my db`']],
    [
      'an unknown resource',
      { resources: { redis: {} }, files: { 'a/**': ['rediss'] } },
      'LANES_RESOURCE_UNKNOWN',
      ["`files['a/**']`", '`rediss`', 'mean `redis`'],
    ],
    [
      'a claim of both modes',
      { resources: { redis: {} }, files: { 'a/**': ['redis', 'redis/shared'] } },
      'LANES_CLAIM_BOTH_MODES',
      ["`files['a/**']`", '`redis`'],
    ],
    [
      'an unknown mode',
      { resources: { redis: {} }, files: { 'a/**': ['redis/both'] } },
      'LANES_CLAIM_INVALID',
      ["`files['a/**']`", 'redis/both'],
    ],
  ] as const)('%s', (_, options, code, parts) => {
    const error = refused(options)

    expect(error.code).toBe(code)
    for (const part of [...parts, `[${code}]`]) expect(error.message).toContain(part)
    expect(error.stack).toBe(`LanesError: ${error.message}`)
    expect(Object.keys(error)).toEqual([])
  })
})

test('a name that is no resource is a type error too', () => {
  const options = { redis: { instances: 1 } }
  expect(() =>
    lanes({ resources: options, files: { 'a/**': ['redis/shared', 'sequential', 'alone'] } }),
  ).not.toThrow()
  // @ts-expect-error a slip
  expect(() => lanes({ resources: options, files: { 'a/**': ['redsi'] } })).toThrow('mean `redis`')
  // @ts-expect-error an unknown mode
  expect(() => lanes({ resources: options, files: { 'a/**': ['redis/both'] } })).toThrow(LanesError)
  // @ts-expect-error a slip in the name of an option
  expect(() => lanes({ resource: options })).toThrow('mean `resources`')
})
