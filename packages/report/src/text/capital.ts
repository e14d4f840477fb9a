/** As a sentence begins; a path stays as it is written. */
export function capital(text: string): string {
  const [first = ''] = text.split(' ', 1)
  return /[/.[]/.test(first) ? text : `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}
