/** What the machine was like since the last look. */
export interface MachineLoad {
  /** Part of all cores' time in which they had nothing to do, from 0 to 1. */
  readonly idle: number
  /** Part of the time in which something waited for a core; undefined where the system does not tell. */
  readonly stalled: number | undefined
  /** Bytes. */
  readonly freeMemory: number
}

/** What the lanes were like at the last look. */
export interface LanesUse {
  readonly lanes: number
  /** Files that run. */
  readonly busy: number
  /** Files that wait for nothing but a lane. */
  readonly waiting: number
}

export interface AutoLanesLimits {
  readonly cores: number
  readonly least: number
  readonly most: number
  /** Bytes that one more file takes, its servers included. */
  readonly memoryPerFile: number
}

/** In a row: a burst of processes that start is soon over. */
const LOOKS_UNTIL_FEWER = 6
/** Of one core: free before another file is started. Files that wait use the rest of it, since they do not all compute at once. */
const ROOM = 0.25
const CROWDED = 0.9

/**
 * Follows the machine's load: a lane more while all are busy, files wait, and at least a quarter of a core has been idle; two
 * more while half a core is; one less when for six looks in a row there was nothing idle and always something
 * that waited for a core, or at once when memory runs out. Call it about three times a second.
 */
export class AutoLanes {
  readonly #limits: AutoLanesLimits
  #crowded = 0

  constructor(limits: AutoLanesLimits) {
    this.#limits = limits
  }

  /** How many lanes there should be. */
  next({ lanes, busy, waiting }: LanesUse, load: MachineLoad): number {
    const { cores, least, most, memoryPerFile } = this.#limits
    const isCrowded = load.idle < 1 - CROWDED && (load.stalled ?? 1 - load.idle) > CROWDED
    this.#crowded = isCrowded ? this.#crowded + 1 : 0
    if (load.freeMemory < memoryPerFile) return Math.max(least, lanes - 1)
    if (this.#crowded >= LOOKS_UNTIL_FEWER) {
      this.#crowded = 0
      return Math.max(Math.min(least, lanes), lanes - 1)
    }
    if (waiting === 0 || busy < lanes || load.idle * cores < ROOM) return lanes
    const wanted = load.idle * cores >= 2 * ROOM ? 2 : 1
    const room = Math.floor(load.freeMemory / memoryPerFile) - 1
    return Math.max(lanes, Math.min(most, lanes + Math.min(wanted, room)))
  }
}
