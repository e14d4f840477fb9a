import { expect, test } from 'vitest'
import { proof } from '../support/proof.ts'

// The long forms: `pnpm proof kills --times 200`, `pnpm proof meets --runs 4`, `pnpm proof clean --runs 50`.
test('a run whose Vitest, worker or server is killed leaves nothing after the next, which passes', async () => {
  expect(await proof('kills', '--times', '6')).toContain('it holds')
}, 600_000)

test('a run that was killed leaves nothing on servers that the user names, and what others have there stays', async () => {
  expect(await proof('kills', '--times', '2', '--named')).toContain('it holds')
}, 600_000)

test('two runs at once pass, and leave nothing', async () => {
  expect(await proof('meets', '--runs', '2', '--times', '2')).toContain('it holds')
}, 600_000)

test('two runs at once on servers that the user names pass, and leave nothing', async () => {
  expect(await proof('meets', '--runs', '2', '--times', '1', '--named')).toContain('it holds')
}, 600_000)
