// What Vitest's pool and its workers say to each other, as far as we rely on it. Seen on 4.1.12 and 5.1.1; not public API.
import { randomUUID } from 'node:crypto'
import type { FileSpecification } from '@vitest/runner'
import type { PoolOptions, PoolWorker, SerializedError } from 'vitest/node'

type Request = Parameters<PoolWorker['send']>[0]

/** Pool to worker, first: what it needs to set itself up. */
export type StartRequest = Extract<Request, { type: 'start' }>
/** Pool to worker: run (or only collect) these files. */
export type RunRequest = Extract<Request, { type: 'run' | 'collect' }>
/** Pool to worker, last: tear yourself down. */
export type StopRequest = Extract<Request, { type: 'stop' }>

/** One file of such a request. Vitest 5 has the type in `vitest` itself. */
export type RequestedFile = FileSpecification

/** Worker to pool. */
export type WorkerResponse =
  | { __vitest_worker_response__: true; type: 'started'; error?: unknown }
  | { __vitest_worker_response__: true; type: 'stopped'; error?: unknown }
  | { __vitest_worker_response__: true; type: 'testfileFinished'; usedMemory?: number; error?: unknown }

export type PoolWorkerOptions = PoolOptions

export function isRequest(message: unknown): message is Request {
  return typeof message === 'object' && message !== null && '__vitest_worker_request__' in message
}

/** Anything else that a pool sends is birpc; of that, a worker that runs nothing only has to know this one. */
export function isCancel(message: unknown): boolean {
  return isCall(message, 'onCancel')
}

export function response(type: WorkerResponse['type'], error?: unknown): WorkerResponse {
  return { __vitest_worker_response__: true, type, ...(error === undefined ? {} : { error }) }
}

export function isResponse<Type extends WorkerResponse['type']>(
  message: unknown,
  type: Type,
): message is Extract<WorkerResponse, { type: Type }> {
  return (
    typeof message === 'object' &&
    message !== null &&
    '__vitest_worker_response__' in message &&
    (message as WorkerResponse).type === type
  )
}

/** A birpc request: a method and its arguments. */
interface Call<Arguments extends readonly unknown[]> {
  readonly m: string
  readonly a: Arguments
}

type TaskPack = readonly [id: string, result: TaskResult | undefined, ...rest: unknown[]]

interface TaskResult {
  readonly state: string
  readonly errors?: readonly SerializedError[]
}

/** The id of the file's task, where the message is the one that announces it. */
export function queuedId(message: unknown): string | undefined {
  return isCall<[{ id: string }]>(message, 'onQueued') ? message.a[0].id : undefined
}

/** Whether the message is one that tells how the file ended. */
export function tellsEnd(message: unknown, id: string): boolean {
  return (
    isCall<[readonly TaskPack[]]>(message, 'onTaskUpdate') &&
    message.a[0].some(([task, result]) => task === id && hasEnded(result))
  )
}

/** What Vitest would answer to a call. Its types know of no birpc, which it sends all the same. */
export function answerTo(call: unknown, answer?: unknown): Request {
  return { t: 's', i: callId(call), r: answer } as unknown as Request
}

/** A call to Vitest, as a worker makes it. */
export function callTo(method: string, args: readonly unknown[]): unknown {
  return { t: 'q', i: randomUUID(), m: method, a: args }
}

/** What a birpc request calls; undefined for other messages. */
export function callOf(
  message: unknown,
): { readonly method: string; readonly args: readonly unknown[] } | undefined {
  const { t, m, a } = Object(message) as { t?: unknown; m?: unknown; a?: unknown }
  return t === 'q' && typeof m === 'string' && Array.isArray(a) ? { method: m, args: a } : undefined
}

/** The id of a birpc request. */
export function callId(message: unknown): string | undefined {
  return (message as { i?: string }).i
}

/** The id of the birpc request that the message answers. */
export function answeredId(message: unknown): string | undefined {
  const { t, i } = Object(message) as { t?: unknown; i?: string }
  return t === 's' ? i : undefined
}

/** The message, with the file as failed where it is one that tells how the file ended; else the same message. */
export function withFailure(message: unknown, id: string, error: SerializedError): unknown {
  if (!isCall<[readonly TaskPack[], ...unknown[]]>(message, 'onTaskUpdate')) return message
  if (!tellsEnd(message, id)) return message
  const [packs, ...events] = message.a
  const failed = packs.map((pack): TaskPack => {
    const [task, result, ...rest] = pack
    if (task !== id || result === undefined || (result.state !== 'pass' && result.state !== 'fail'))
      return pack
    return [task, { ...result, state: 'fail', errors: [...(result.errors ?? []), error] }, ...rest]
  })
  return { ...message, a: [failed, ...events] }
}

function hasEnded(result: TaskResult | undefined): result is TaskResult {
  return result?.state === 'pass' || result?.state === 'fail'
}

function isCall<Arguments extends readonly unknown[]>(
  message: unknown,
  method: string,
): message is Call<Arguments> {
  return typeof message === 'object' && message !== null && (message as { m?: unknown }).m === method
}
