/* oxlint-disable unicorn/consistent-function-scoping -- its source text is put into the page: nothing outside of it exists there */

export interface Dom {
  /** An element with a class, a text and attributes. */
  make(
    tag: string,
    className?: string,
    text?: string,
    attributes?: Readonly<Record<string, string>>,
  ): HTMLElement
  byId(id: string): HTMLElement
  duration(ms: number): string
  /** A moment of the run. */
  clock(ms: number): string
  plural(number: number, what: string): string
}

export function createDom(): Dom {
  const oneDecimal = (number: number): string => number.toFixed(1)

  function duration(ms: number): string {
    if (ms < 1000) return `${Math.round(ms)} ms`
    if (ms < 99_950) return `${oneDecimal(ms / 1000)} s`
    const seconds = Math.round(ms / 1000)
    if (seconds < 600) return `${seconds} s`
    if (seconds < 6000) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
    const minutes = Math.round(seconds / 60)
    if (minutes >= 6000) return `${Math.round(minutes / 60)} h`
    return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  }

  return {
    make(tag, className = '', text = '', attributes = {}) {
      const element = document.createElement(tag)
      if (className !== '') element.className = className
      if (text !== '') element.textContent = text
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
      return element
    },
    byId(id) {
      const element = document.getElementById(id)
      if (element === null) throw new Error(`The page has no #${id}.`)
      return element
    },
    duration,
    clock(ms) {
      if (ms === 0) return '0 s'
      if (ms < 60_000) return ms % 1000 === 0 ? `${ms / 1000} s` : duration(ms)
      return ms % 60_000 === 0 ? `${ms / 60_000} min` : duration(ms)
    },
    plural: (number, what) => `${number} ${what}${number === 1 ? '' : 's'}`,
  }
}
