import { expect, test, vi } from 'vitest'
import type { PoolRun, StandInJob } from '../../packages/vitest-lanes/dist/pool/run.js'
import { StandIn } from '../../packages/vitest-lanes/dist/pool/stand-in.js'

type Message = Parameters<StandIn['send']>[0]

/** A stand-in whose file waits for ever, once it has been told to run. */
function running(interrupted: AbortSignal) {
  const calls: string[] = []
  const job = {
    file: 'a.test.ts',
    split: undefined,
    lease: () => new Promise(() => void calls.push('lease')),
    cancelled: () => calls.push('cancelled'),
  } as unknown as StandInJob
  const run: PoolRun = { interrupted, share: (_, start) => start, job: () => job }
  const standIn = new StandIn('forks', {} as ConstructorParameters<typeof StandIn>[1], () => run)
  const said: unknown[] = []
  standIn.on('message', (message) => said.push(Object(message).type))
  const send = (type: string) => standIn.send({ __vitest_worker_request__: true, type } as unknown as Message)
  send('start')
  send('run')
  return { calls, said, send }
}

test('a file that an interrupt finds before it asked for its lease is cancelled, and Vitest told that it is over', async () => {
  const { calls, said } = running(AbortSignal.abort())
  await vi.waitFor(() => expect(said).toEqual(['started', 'testfileFinished']))
  expect(calls).toEqual(['cancelled'])
})

test('so is one that waits, when Vitest cancels', () => {
  const { calls, said, send } = running(new AbortController().signal)
  expect(said).toEqual(['started'])
  send('cancel')
  expect(said).toEqual(['started', 'testfileFinished'])
  expect(calls).toEqual(['lease', 'cancelled'])
})
