// What Vitest's pool and its workers say to each other, as far as we rely on it. Seen on 4.1.12 and 5.1.1; not public API.
import type { PoolOptions, PoolWorker } from 'vitest/node'

type Request = Parameters<PoolWorker['send']>[0]

/** Pool to worker, first: what it needs to set itself up. */
export type StartRequest = Extract<Request, { type: 'start' }>
/** Pool to worker: run (or only collect) these files. */
export type RunRequest = Extract<Request, { type: 'run' | 'collect' }>

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
  return typeof message === 'object' && message !== null && (message as { m?: unknown }).m === 'onCancel'
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
