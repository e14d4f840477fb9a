/** The first of the texts that is not longer than so many columns; else the last of them, cut. */
export function fit(columns: number, ...texts: readonly string[]): string {
  return texts.find((text) => text.length <= columns) ?? cut(texts.at(-1) ?? '', columns)
}

/** Cut at its end. */
export function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1)).trimEnd()}…`
}

/** Cut at its beginning: the end of a path says which file it is. */
export function cutPath(path: string, columns: number): string {
  return path.length <= columns ? path : `…${path.slice(path.length - Math.max(0, columns - 1))}`
}
