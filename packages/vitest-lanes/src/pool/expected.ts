/** How many files will want a worker of a kind. */
export class Expected {
  readonly #left = new Map<string, number>()

  add(kind: string): void {
    this.#left.set(kind, this.left(kind) + 1)
  }

  /** One of them has taken one, or never will. */
  served(kind: string): void {
    this.#left.set(kind, this.left(kind) - 1)
  }

  left(kind: string): number {
    return this.#left.get(kind) ?? 0
  }
}
