import { createClock } from './clock.ts'

/** Numbers of WASI preview 1. */
const SUCCESS = 0
const BAD_DESCRIPTOR = 8
const NOT_SUPPORTED = 58
const CHARACTER_DEVICE = 2

/** The program asked to end: `SHUTDOWN`, or a configuration that it refuses. */
export class Exit extends Error {
  readonly code: number

  constructor(code: number) {
    super(`it ended with exit code ${code}`)
    this.code = code
  }
}

export interface WasiHost {
  memory(): DataView
  readonly words: () => Int32Array
  /** What the program prints: its log. */
  print(bytes: Uint8Array): void
}

/**
 * The part of WASI that Valkey needs: clocks and a log. No files, no environment. Node's own is marked experimental,
 * says so on standard error, and is slower where it matters.
 */
export function createWasi(host: WasiHost): Record<string, unknown> {
  const known: Record<string, unknown> = {
    clock_time_get: createClock(host.words),
    environ_sizes_get: (count: number, size: number) => {
      host.memory().setUint32(count, 0, true)
      host.memory().setUint32(size, 0, true)
      return SUCCESS
    },
    environ_get: () => SUCCESS,
    fd_fdstat_get: (fd: number, pointer: number) => {
      if (fd > 2) return BAD_DESCRIPTOR
      const memory = host.memory()
      for (let i = 0; i < 24; i += 4) memory.setUint32(pointer + i, 0, true)
      memory.setUint8(pointer, CHARACTER_DEVICE)
      // All rights: libc asks whether it may write.
      for (let i = 8; i < 24; i += 4) memory.setUint32(pointer + i, 0xffff_ffff, true)
      return SUCCESS
    },
    fd_write: (fd: number, vectors: number, count: number, written: number) => {
      if (fd !== 1 && fd !== 2) return BAD_DESCRIPTOR
      const memory = host.memory()
      let total = 0
      for (let i = 0; i < count; i++) {
        const length = memory.getUint32(vectors + 8 * i + 4, true)
        host.print(new Uint8Array(memory.buffer, memory.getUint32(vectors + 8 * i, true), length))
        total += length
      }
      memory.setUint32(written, total, true)
      return SUCCESS
    },
    fd_close: () => SUCCESS,
    fd_prestat_get: () => BAD_DESCRIPTOR,
    fd_prestat_dir_name: () => BAD_DESCRIPTOR,
    fd_read: () => BAD_DESCRIPTOR,
    fd_seek: () => BAD_DESCRIPTOR,
    // Only sleeping asks for it (`DEBUG SLEEP`); a server that sleeps serves nobody.
    poll_oneoff: (subscriptions: number, events: number, count: number, fired: number) => {
      const memory = host.memory()
      const timeout = memory.getBigUint64(subscriptions + 24, true)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(timeout) / 1e6)
      for (let i = 0; i < 32; i += 4) memory.setUint32(events + i, 0, true)
      memory.setBigUint64(events, memory.getBigUint64(subscriptions, true), true)
      memory.setUint32(fired, Math.min(count, 1), true)
      return SUCCESS
    },
    proc_exit: (code: number) => {
      throw new Exit(code)
    },
    sched_yield: () => SUCCESS,
  }
  return new Proxy(known, { get: (target, name) => target[String(name)] ?? (() => NOT_SUPPORTED) })
}
