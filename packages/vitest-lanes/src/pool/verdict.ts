import { callId } from '../vitest/messages.ts'

/** Messages of a worker that tell how its file ended, kept back until it is known what the file left. */
export class Verdict {
  readonly #say: (message: unknown) => void
  readonly #kept: unknown[] = []
  #end: unknown
  readonly #unanswered = new Map<string, () => void>()

  constructor(say: (message: unknown) => void) {
    this.#say = say
  }

  keep(message: unknown): void {
    this.#kept.push(message)
  }

  /** The last of them: the worker has run its file. */
  end(message: unknown): void {
    this.#end = message
  }

  /** Vitest has dealt with a message. */
  answered(id: string | undefined): void {
    if (id !== undefined) this.#unanswered.get(id)?.()
  }

  /** Tells them in order; the last when Vitest has dealt with the others. */
  async tell(changed: (message: unknown) => unknown): Promise<void> {
    for (const message of this.#kept) {
      const answered = new Promise<void>((resolve) => this.#unanswered.set(callId(message) ?? '', resolve))
      this.#say(changed(message))
      await answered
    }
    this.#say(this.#end)
  }
}
