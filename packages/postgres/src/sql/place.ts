/** The line that an offset (UTF-16 units, from 0) stands on, counted from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) line++
  return line
}

/** PostgreSQL counts characters from 1, where a character beyond the BMP is one; JavaScript counts it as two. */
export function offsetOfPosition(text: string, position: number): number {
  let offset = 0
  for (let left = position - 1; left > 0 && offset < text.length; left--) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1
  }
  return offset
}

/** The line with one before it and one after it, numbered, the line itself marked. */
export function excerpt(text: string, line: number): string {
  const lines = text.split(/\r?\n/)
  const from = Math.max(1, line - 1)
  const to = Math.min(lines.length, line + 1)
  const width = String(to).length
  const shown: string[] = []
  for (let n = from; n <= to; n++) {
    shown.push(`  ${n === line ? '>' : ' '} ${String(n).padStart(width)} | ${lines[n - 1]}`)
  }
  return shown.join('\n')
}
