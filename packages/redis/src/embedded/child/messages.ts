/** What the child process is told, one JSON object a line on its standard input. */
export type Request =
  | {
      readonly id: number
      readonly op: 'open'
      readonly name: string
      readonly password: string
      /** Commands in RESP. */
      readonly ask: string
    }
  | { readonly id: number; readonly op: 'reset' | 'ports' | 'close'; readonly name: string }

/** What it says, one JSON object a line on its standard output. */
export type Reply =
  | { readonly id: number; readonly result: Result }
  | { readonly id: number; readonly error: string }
  /** An instance has died by itself. */
  | { readonly died: string; readonly reason: string }

export interface Result {
  readonly port?: number
  /** To what was asked of it when it was new, as in RESP: a character a byte. */
  readonly replies?: string
  /** Where clients come from: descriptor, as in `CLIENT LIST`, to port. */
  readonly ports?: Readonly<Record<number, number>>
}

/** What a thread needs to serve. */
export interface ThreadData {
  readonly module: WebAssembly.Module
  readonly password: string
  readonly ask: string
}

/** What a thread is told: first to serve. */
export type ThreadMessage = { readonly serve: ThreadData } | ThreadRequest
export type ThreadRequest = { readonly id: number; readonly op: 'reset' | 'ports' }
export type ThreadReply =
  | { readonly id: number; readonly result: Result }
  | { readonly ready: Result }
  | { readonly died: string }
