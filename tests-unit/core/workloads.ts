import { readFileSync } from 'node:fs'
import { parseClaim, type Workload } from '@vitest-lanes/core'

interface WorkloadJson {
  readonly resources?: Workload['resources']
  readonly files: readonly {
    readonly file: string
    readonly durationMs: number
    readonly claims: readonly string[]
  }[]
}

/** A workload of `workloads/`. `job-queue` was measured on a job queue library's own suite; the others are made up. */
export function readWorkload(name: 'job-queue' | 'monorepo' | 'shop-backend'): Workload {
  const text = readFileSync(new URL(`workloads/${name}.json`, import.meta.url), 'utf8')
  const { resources = { redis: { instances: 'lanes' } }, files }: WorkloadJson = JSON.parse(text)
  return {
    resources,
    files: files.map(({ file, durationMs, claims }) => ({
      id: file,
      duration: durationMs,
      claims: claims.map((claim) => parseClaim(claim)),
    })),
  }
}
