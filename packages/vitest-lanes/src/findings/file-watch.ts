import { isAbsolute, relative } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { LanesError } from '@vitest-lanes/core'
import type { Claim, Finding, InspectedFile, Opener } from '@vitest-lanes/core'
import type { TestProject } from 'vitest/node'
import type { RealWorker } from '../pool/real-worker.ts'
import type { Grant } from '../run/scheduler.ts'
import { addressesIn } from './addresses.ts'
import { probableLine } from './code-line.ts'
import { alive, outliving } from './outliving.ts'
import type { SeenProcess } from './outliving.ts'
import { undeclaredUse } from './undeclared-use.ts'
import type { Watch } from './watch.ts'
import type { Contact, Origin, StartedProcess, WatchLog } from './watch-log.ts'

/** ms in which a worker that lives has written down all connections that it has. */
const SETTLED = 30

export interface FileWatchOptions {
  readonly watch: Watch
  /** Where a worker runs it that has run others. */
  readonly worker: RealWorker | undefined
  readonly project: TestProject
  /** Absolute path. */
  readonly path: string
  /** Path from the root. */
  readonly file: string
  readonly claims: readonly Claim[]
  readonly grant: Grant
  /** Whether the worker ends with the file. */
  readonly isAlone: boolean
  readonly find: (finding: Finding) => void
}

export async function watchFile(options: FileWatchOptions): Promise<FileWatch> {
  const { watch, worker } = options
  const log = worker === undefined ? await watch.newLog() : watch.logOf(worker)
  return new FileWatch(options, log)
}

/** What one file uses unasked, and what it leaves. */
export class FileWatch {
  readonly #options: FileWatchOptions
  readonly #log: WatchLog | undefined
  readonly #own: ReadonlySet<string>
  readonly #openers = new Map<number, Opener>()
  /** Those that nobody has looked at. */
  #contacts: Contact[] = []
  readonly #started: StartedProcess[] = []
  readonly #undeclared = new Map<string, Finding>()
  readonly #leaks: Finding[] = []
  #alive: Promise<readonly SeenProcess[]> | undefined
  #gone: Promise<void> | undefined

  constructor(options: FileWatchOptions, log: WatchLog | undefined) {
    this.#options = options
    this.#log = log
    this.#own = addressesIn(options.grant.env, options.watch.addresses.usual)
    // A worker that runs several files has written of those before.
    log?.read()
  }

  /**
   * Variables for the worker, with which it writes down what is looked at here.
   * @param env its other variables
   */
  variables(env: NodeJS.ProcessEnv): Record<string, string> {
    return this.#log === undefined ? {} : this.#options.watch.variables(this.#log, env, this.#own)
  }

  /** The worker that has been given them. */
  remember(worker: RealWorker): void {
    if (this.#log !== undefined) this.#options.watch.remember(worker, this.#log)
  }

  /** Whether it has to be known what the file leaves before anybody is told how it ended. */
  get delaysVerdict(): boolean {
    const { watch, isAlone, grant } = this.#options
    if (watch.leaks !== 'fail' || !isAlone) return false
    this.#read()
    return grant.inspectable || this.#started.length > 0
  }

  /** What the file has used unasked until now. Returns what it fails with. */
  lookAtUse(): LanesError | undefined {
    const { watch, file, claims, project, find } = this.#options
    if (watch.undeclared === 'off') return undefined
    this.#read()
    // Undefined where the configuration says nothing, whatever its type says (4.1.12).
    const env: NodeJS.ProcessEnv = { ...project.config.env }
    const context = {
      file,
      claims,
      own: this.#own,
      env,
      placeOf: (contact: Contact) => this.#lineOf(contact),
    }
    const contacts = this.#contacts
    this.#contacts = []
    const found = contacts.length === 0 ? [] : undeclaredUse(contacts, context, watch.addresses)
    for (const [address, finding] of found) {
      if (this.#undeclared.has(address)) continue
      this.#undeclared.set(address, finding)
      find(finding)
    }
    if (watch.undeclared !== 'fail') return undefined
    return errorOf('LANES_UNDECLARED', [...this.#undeclared.values()])
  }

  /** The worker has torn itself down, and lives: looks at its instances and processes. Never rejects. */
  async lookAtInstances(): Promise<void> {
    const { watch, grant, path } = this.#options
    if (watch.leaks === 'off') return
    this.#read()
    this.#alive = alive(this.#started).catch(() => [])
    let isUnknown = false
    const openerOf = (port: number): Opener | undefined => {
      const opener = this.#openers.get(port)
      isUnknown ||= opener === undefined
      return opener
    }
    const file: InspectedFile = { path, openerOf }
    let found = await grant.inspect(file)
    if (isUnknown && this.#log !== undefined) {
      // The hook writes a connection down when it has lived for a while.
      await setTimeout(SETTLED)
      this.#read()
      found = await grant.inspect(file)
    }
    for (const finding of found) this.#tell(finding)
    await this.#alive
  }

  /** The worker has gone: looks at the processes that it started. Never rejects. */
  lookAtProcesses(): Promise<void> {
    return (this.#gone ??= this.#options.watch.track(this.#findOutliving()))
  }

  /** What the file fails with, where leaks do that. */
  get leaked(): LanesError | undefined {
    return this.#options.watch.leaks === 'fail' ? errorOf('LANES_LEAK', this.#leaks) : undefined
  }

  async #findOutliving(): Promise<void> {
    const found = await outliving((await this.#alive) ?? [], (started) => this.#placeOf(started))
    for (const finding of found) this.#tell(finding)
  }

  #tell(finding: Finding): void {
    const { file, find } = this.#options
    this.#leaks.push({ ...finding, file })
    find({ ...finding, file })
  }

  #read(): void {
    for (const entry of this.#log?.read() ?? []) {
      if ('to' in entry) this.#contacts.push(entry)
      else if ('child' in entry) this.#started.push(entry)
      else if ('from' in entry) {
        const place = this.#placeOf(entry)
        const { test } = entry
        this.#openers.set(entry.from, {
          ...(test !== undefined && { test }),
          ...(place !== undefined && { place }),
        })
      }
    }
  }

  #lineOf(contact: Contact): string | undefined {
    const { project, path } = this.#options
    if (contact.at !== undefined) return this.#shown(contact.at)
    const line = attempt(() => probableLine(project, path, contact))
    return line === undefined ? undefined : this.#shown(line)
  }

  #placeOf({ at }: Origin): string | undefined {
    return at === undefined ? undefined : this.#shown(at)
  }

  #shown(at: string): string {
    const { root } = this.#options.watch
    const short = relative(root, at)
    return short.startsWith('..') || isAbsolute(short) ? at : short
  }
}

/** For what looks into Vite, whose insides are its own. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

function errorOf(
  code: 'LANES_LEAK' | 'LANES_UNDECLARED',
  findings: readonly Finding[],
): LanesError | undefined {
  if (findings.length === 0) return undefined
  const option = code === 'LANES_LEAK' ? 'leaks' : 'undeclared'
  return new LanesError(code, findings.map(({ message }) => message).join('\n'), {
    hint: `It fails since \`${option}\` is 'fail'.`,
  })
}
