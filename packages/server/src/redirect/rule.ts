/** What begins with this holds one rule; a process may have several, one for each resource. */
export const RULE_PREFIX = 'VITEST_LANES_REDIRECT_'

/** Where connections to some ports of this machine lead instead. */
export interface RedirectRule {
  /** Ports of `localhost`, `127.0.0.1` and `::1`. */
  readonly ports: readonly number[]
  /** A Unix socket, or an address. */
  readonly to: { readonly path: string } | { readonly host: string; readonly port: number }
  /**
   * Sent first on each connection, for a client that does not know that it has to: a password, a database.
   * As many lines of answer are kept from the client.
   */
  readonly greeting?: { readonly text: string; readonly lines: number }
}
