/**
 * Numbers from 1 of which each is free or taken: unique, stable (a number stays with who took it) and compact
 * (the lowest free one is taken first). `capacity` may fall below what is taken: what is taken stays.
 */
export class Slots {
  capacity: number
  #taken: boolean[] = []
  #used = 0
  /** No number below it is free. */
  #lowest = 1

  constructor(capacity: number) {
    this.capacity = capacity
  }

  get used(): number {
    return this.#used
  }

  /** How many more can be taken; 0 while more are taken than there is room for. */
  get free(): number {
    return Math.max(0, this.capacity - this.#used)
  }

  /** Takes the lowest free number. Only while `free` is above 0. */
  take(): number {
    let number = this.#lowest
    while (this.#taken[number]) number++
    this.#taken[number] = true
    this.#lowest = number + 1
    this.#used++
    return number
  }

  release(number: number): void {
    this.#taken[number] = false
    this.#lowest = Math.min(this.#lowest, number)
    this.#used--
  }
}
