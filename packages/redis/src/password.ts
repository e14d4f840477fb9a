import { randomBytes } from 'node:crypto'

/** 128 bits in letters, digits, `-` and `_`: the same in a URL, in a command and in a file. */
export function newPassword(): string {
  return randomBytes(16).toString('base64url')
}
