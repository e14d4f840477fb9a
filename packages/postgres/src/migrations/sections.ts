/** How tools that keep both ways in one file mark where the way back begins, and where the way forth does. */
const DOWN = /^\s*--+\s*(?:migrate:down|\+goose\s+down|\+migrate\s+down|down\s+migration|rambler\s+down)\b/i
const UP = /^\s*--+\s*(?:migrate:up|\+goose\s+up|\+migrate\s+up|up\s+migration|rambler\s+up)\b/i
/** `pg_dump` writes these for psql (since 17.6); the server does not know them. */
const PSQL_ONLY = /^\\(?:un)?restrict\b/

/**
 * Blanks what undoes a migration (dbmate, goose, sql-migrate, node-pg-migrate) and what only psql reads. Lines keep
 * their numbers.
 */
export function upOnly(text: string): string {
  if (!/^\s*--+.*\bdown\b|^\\/im.test(text)) return text
  let down = false
  return text
    .split('\n')
    .map((line) => {
      if (DOWN.test(line)) down = true
      else if (UP.test(line)) down = false
      return down || PSQL_ONLY.test(line) ? '' : line
    })
    .join('\n')
}
