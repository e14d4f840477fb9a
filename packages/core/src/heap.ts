/** What a heap sorts: the lowest rank comes out first. */
export interface Ranked {
  rank: number
}

/** A binary heap by rank. Ranks are unique, so the same input always comes out in the same order. */
export class Heap<T extends Ranked> {
  #items: T[] = []

  get size(): number {
    return this.#items.length
  }

  push(item: T): void {
    this.#items.push(item)
    this.#up(this.#items.length - 1, item)
  }

  /** Takes the item of the lowest rank out. */
  pop(): T | undefined {
    const top = this.#items[0]
    const last = this.#items.pop()
    if (last !== undefined && this.#items.length > 0) this.#down(0, last)
    return top
  }

  clear(): void {
    this.#items = []
  }

  #up(start: number, item: T): void {
    let index = start
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = this.#items[above]
      if (parent === undefined || parent.rank <= item.rank) break
      this.#items[index] = parent
      index = above
    }
    this.#items[index] = item
  }

  #down(start: number, item: T): void {
    let index = start
    for (;;) {
      const below = 2 * index + 1
      const left = this.#items[below]
      const right = this.#items[below + 1]
      if (left === undefined) break
      const isRight = right !== undefined && right.rank < left.rank
      const child = isRight ? right : left
      if (child.rank >= item.rank) break
      this.#items[index] = child
      index = isRight ? below + 1 : below
    }
    this.#items[index] = item
  }
}
