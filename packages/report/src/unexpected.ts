/** Ends a switch over kinds: a compiler error where one of them has no case. */
export function unexpected(value: never): never {
  throw new Error(`Unexpected ${JSON.stringify(value)}.`)
}
