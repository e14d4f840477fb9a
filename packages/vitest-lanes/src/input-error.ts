import { inspect } from 'node:util'
import { LanesError } from '@vitest-lanes/core'

/**
 * Runs what looks at the user's input. A `LanesError` that it throws is shown by Vitest and Node.js as its message
 * alone: where in our code it was found, and its fields once more, mean nothing to the reader.
 */
export function checkingInput<T>(check: () => T): T {
  try {
    return check()
  } catch (error) {
    throw asShown(error)
  }
}

/** The same for what is found out while Vitest sorts files: it prints whatever fields an error has (4.1.12, 5.1.1). */
export async function checkingInputLater<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check()
  } catch (error) {
    throw error instanceof LanesError ? withoutFields(error) : error
  }
}

function asShown(error: unknown): unknown {
  if (!(error instanceof LanesError)) return error
  const shown = text(error)
  const hidden = { enumerable: false, configurable: true }
  return Object.defineProperties(error, {
    name: { value: error.name, ...hidden },
    stack: { value: shown, ...hidden },
    code: { value: error.code, ...hidden },
    hint: { value: error.hint, ...hidden },
    [inspect.custom]: { value: () => shown, ...hidden },
  })
}

function withoutFields(error: LanesError): Error {
  const shown = new Error(error.message)
  shown.name = error.name
  shown.stack = text(error)
  return shown
}

function text({ name, message }: Error): string {
  return `${name}: ${message}`
}
