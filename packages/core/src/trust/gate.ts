import { REPLAY_POINTS, type ReachedPoint, type ReplayPoint } from './replay-plan.ts'

export interface GateOptions {
  /** Files that are to run. Nobody waits for another. */
  readonly files: Iterable<string>
  readonly lanes: number
  /** In which order those are let through that may go at the same time; as they come where left out. */
  readonly order?: readonly string[] | undefined
  readonly after?: Readonly<Record<string, readonly ReachedPoint[]>> | undefined
  /** Lanes beyond the last count as any. */
  readonly lane?: Readonly<Record<string, number>> | undefined
  /** How long a file waits after all that it waits for, in ms. */
  readonly wait?: Readonly<Record<string, number>> | undefined
}

/** A file that may be admitted, after so many ms. */
export interface Passing {
  readonly file: string
  readonly wait: number
}

/**
 * Holds files back until others have come as far as they should have, and the lane is free in which they should run.
 * It decides when a file may be admitted; admission decides whether it is. A cycle holds nobody up for ever: `open`
 * with `idle` lets the first of those through that wait for each other.
 */
export class Gate {
  readonly #options: GateOptions
  readonly #rank: ReadonlyMap<string, number>
  /** How far a file has come: an index of `REPLAY_POINTS`. */
  readonly #reached = new Map<string, number>()
  readonly #waiters = new Map<string, ReachedPoint[]>()
  readonly #unmet = new Map<string, number>()
  readonly #held = new Set<string>()
  /** Of those, the ones that wait for nothing but a lane. */
  readonly #ready = new Set<string>()
  /** Lane to the file that is in it, or is to be. */
  readonly #taken = new Map<number, string>()

  constructor(options: GateOptions) {
    this.#options = options
    const known = new Set(options.files)
    this.#rank = new Map((options.order ?? []).map((file, index) => [file, index]))
    for (const [file, points] of Object.entries(options.after ?? {})) {
      // What never runs holds nobody up.
      const real = points.filter((point) => known.has(point.file) && point.file !== file)
      this.#unmet.set(file, real.length)
      for (const { file: other, point } of real)
        this.#waiters.set(other, [...(this.#waiters.get(other) ?? []), { file, point }])
    }
  }

  /** How many files it holds back. */
  get size(): number {
    return this.#held.size
  }

  /** A file wants to run. */
  hold(file: string): void {
    this.#held.add(file)
    if (this.#mayGo(file)) this.#ready.add(file)
  }

  /**
   * Files that may be admitted now, each told once.
   * @param idle nothing runs or is about to: if no file may go, the first goes all the same
   */
  open(idle: boolean): readonly Passing[] {
    const free = this.#inOrder(this.#ready).filter((file) => this.#reserve(file))
    const passing = free.length === 0 && idle ? this.#inOrder(this.#held).slice(0, 1) : free
    for (const file of passing) this.#forget(file)
    return passing.map((file) => ({ file, wait: this.#options.wait?.[file] ?? 0 }))
  }

  /** The lane of a file that was admitted: its own, or the first that is meant for nobody, or the first. */
  enter(file: string): number {
    const own = [...this.#taken].find(([, holder]) => holder === file)?.[0]
    if (own !== undefined) return own
    let lane = 1
    while (this.#taken.has(lane)) lane++
    this.#taken.set(lane, file)
    return lane
  }

  /** A file has come so far, and so has passed all points before. */
  reached(file: string, point: ReplayPoint): void {
    const before = this.#reached.get(file) ?? -1
    const now = REPLAY_POINTS.indexOf(point)
    if (now <= before) return
    this.#reached.set(file, now)
    if (now >= REPLAY_POINTS.indexOf('finished')) this.#leaveLane(file)
    for (const waiter of this.#waiters.get(file) ?? []) {
      const wanted = REPLAY_POINTS.indexOf(waiter.point)
      if (wanted <= before || wanted > now) continue
      this.#unmet.set(waiter.file, (this.#unmet.get(waiter.file) ?? 0) - 1)
      if (this.#held.has(waiter.file) && this.#mayGo(waiter.file)) this.#ready.add(waiter.file)
    }
  }

  /** A file will not run, or no further. */
  left(file: string): void {
    this.#forget(file)
    this.reached(file, 'cleaned')
  }

  #mayGo(file: string): boolean {
    return (this.#unmet.get(file) ?? 0) === 0
  }

  #inOrder(files: Iterable<string>): readonly string[] {
    return [...files].toSorted((a, b) => this.#rankOf(a) - this.#rankOf(b))
  }

  #forget(file: string): void {
    this.#held.delete(file)
    this.#ready.delete(file)
  }

  #reserve(file: string): boolean {
    const lane = this.#options.lane?.[file]
    if (lane === undefined || lane > this.#options.lanes) return true
    if (this.#taken.has(lane)) return false
    this.#taken.set(lane, file)
    return true
  }

  #leaveLane(file: string): void {
    for (const [lane, holder] of this.#taken) if (holder === file) this.#taken.delete(lane)
  }

  #rankOf(file: string): number {
    return this.#rank.get(file) ?? this.#rank.size
  }
}
