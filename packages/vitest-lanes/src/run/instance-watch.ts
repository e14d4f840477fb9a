import type { Claim, FootprintPart } from '@vitest-lanes/core'

/** What an instance has seen of the file that held it. */
export interface SeenInstance {
  readonly resource: string
  /** The variables that it gave. */
  readonly env: Readonly<Record<string, string>>
  /** Undefined where its provider does not watch. */
  readonly part: FootprintPart | undefined
}

/** Has the instances of a directed run watched. */
export interface InstanceWatch {
  /**
   * What a file is to claim while it is watched.
   * @param own what it claims by the configuration
   * @param provided the resources that have a provider
   */
  claims(own: readonly Claim[], provided: readonly string[]): readonly Claim[]
  /** An instance has been given back. Called before it is cleaned. */
  seen(instance: SeenInstance): void
}
