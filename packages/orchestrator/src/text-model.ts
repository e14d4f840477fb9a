import { setTimeout as delay } from 'node:timers/promises'

export interface TextRequest {
  readonly topic: string
  readonly words: number
  readonly language: string
  readonly style: string
}

/** What writes a lesson's text. It may throw `ModelBusyError` to ask for a pause. */
export interface TextModel {
  write(request: TextRequest, signal: AbortSignal): Promise<string>
}

/** A model that needs no network: it writes a text of the length asked for after `latencyMs` milliseconds. */
export function createTemplateModel(latencyMs = 40): TextModel {
  return {
    async write(request, signal) {
      await delay(latencyMs, undefined, { signal })
      const phrase = `${request.topic} (${request.style}, ${request.language})`.split(' ')
      return Array.from({ length: request.words }, (_, index) => phrase[index % phrase.length]).join(' ')
    },
  }
}
