import type { Instances, Provider } from '@vitest-lanes/core'
import type { TestSpecification, Vitest } from 'vitest/node'
import type { PlannedFile } from './run.ts'

/** What a run would be given: lanes, resources and files with their claims. */
export interface Preview {
  readonly lanes: number
  readonly resources: Readonly<Record<string, { readonly instances: Instances }>>
  readonly providers: readonly { readonly resource: string; readonly provider: Provider }[]
  readonly files: readonly PlannedFile[]
  /** How many files run outside of lanes. */
  readonly others: number
}

/**
 * What the plugin tells a command that has made a Vitest of the user's configuration. It hangs on the plugin, since the
 * configuration may load another copy of this package than the command is in.
 */
export interface LanesApi {
  /** Undefined where the configuration gives the plugin neither resources nor files. */
  preview(vitest: Vitest, specs: readonly TestSpecification[]): Promise<Preview> | undefined
}
