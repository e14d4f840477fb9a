/** One statement of an SQL text. */
export interface Statement {
  readonly text: string
  /** Where its first word stands in the text, in UTF-16 units. */
  readonly offset: number
}

const QUIET = /(?:\s|--[^\n]*(?:\n|$))+/y
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y
const DOLLAR = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y

/** A sticky match at `at`: its text, or undefined. */
function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** The place after the closing quote; a doubled quote is part of what is quoted. */
function afterQuote(text: string, open: number, escapes: boolean): number {
  const quote = text[open]
  for (let i = open + 1; i < text.length; i++) {
    if (escapes && text[i] === '\\') i++
    else if (text[i] === quote && text[i + 1] === quote) i++
    else if (text[i] === quote) return i + 1
  }
  return text.length
}

/** The place after a block comment: in PostgreSQL they nest. */
function afterComment(text: string, open: number): number {
  let depth = 0
  for (let i = open; i < text.length; i++) {
    const pair = text.slice(i, i + 2)
    if (pair === '/*') depth++
    else if (pair === '*/') depth--
    else continue
    i++
    if (depth === 0) return i + 1
  }
  return text.length
}

/** The place after what begins at `at` and cannot hold the end of a statement, or `at` itself. */
function afterOpaque(text: string, at: number): number {
  const char = text[at]
  if (char === "'") return afterQuote(text, at, /(?:^|[^\w$])[eE]$/.test(text.slice(Math.max(0, at - 2), at)))
  if (char === '"') return afterQuote(text, at, false)
  if (char === '/' && text[at + 1] === '*') return afterComment(text, at)
  if (char !== '$') return at
  const tag = match(DOLLAR, text, at)
  if (tag === undefined) return at
  const close = text.indexOf(tag, at + tag.length)
  return close < 0 ? text.length : close + tag.length
}

/**
 * Cuts an SQL text into its statements, as psql would: quotes, dollar quotes, comments, parentheses and
 * `BEGIN ATOMIC … END` bodies hold no end of a statement.
 */
export function splitStatements(text: string): Statement[] {
  const statements: Statement[] = []
  let start = -1
  let parentheses = 0
  let blocks = 0
  let last = ''
  for (let i = 0; i < text.length;) {
    const quiet = match(QUIET, text, i)?.length ?? 0
    const opaque = quiet > 0 ? i + quiet : afterOpaque(text, i)
    if (opaque > i) {
      if (start < 0 && quiet === 0 && text[i] !== '/') start = i
      i = opaque
      continue
    }
    const char = text[i]
    if (char === ';' && parentheses === 0 && blocks === 0) {
      if (start >= 0) statements.push({ text: text.slice(start, i + 1), offset: start })
      start = -1
      last = ''
      i++
      continue
    }
    if (start < 0) start = i
    const word = match(WORD, text, i)?.toLowerCase()
    if (char === '(') parentheses++
    else if (char === ')') parentheses = Math.max(0, parentheses - 1)
    else if (word === 'atomic' && last === 'begin') blocks = 1
    else if (blocks > 0 && word === 'case') blocks++
    else if (blocks > 0 && word === 'end') blocks--
    if (word !== undefined) last = word
    i += word?.length ?? 1
  }
  if (start >= 0 && text.slice(start).trim() !== '') {
    statements.push({ text: text.slice(start).trimEnd(), offset: start })
  }
  return statements
}
