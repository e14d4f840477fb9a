import { ALONE } from '../claim.ts'
import { mergeClaims } from '../claims.ts'
import { LanesError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { countWork } from './bottleneck.ts'
import { releaseFavoured } from './fairness.ts'
import type { AdmissionState, ClaimClass, Need, WaitingFile } from './state.ts'
import type { FileRequest } from './types.ts'

/** Puts files into the queue: at its end, until the next plan. */
export function enqueue(state: AdmissionState, files: readonly FileRequest[]): void {
  const seen = new Set<string>()
  const arrived = files.map((file) => {
    if (seen.has(file.id) || state.waiting.has(file.id) || state.running.has(file.id))
      throw new LanesError('LANES_FILE_TWICE', `\`${file.id}\` was enqueued, but still waits or runs.`)
    seen.add(file.id)
    return arrive(state, file)
  })
  for (const file of arrived) {
    file.claimClass.queue.push(file)
    state.waiting.set(file.id, file)
    countWork(state, file, 1)
  }
  state.unplanned += arrived.length
}

function arrive(
  state: AdmissionState,
  { id, claims, estimate, failedLast = false }: FileRequest,
): WaitingFile {
  const merged = claims.length > 1 ? mergeClaims(claims, `\`${id}\``) : claims
  const needs: Need[] = []
  let alone = false
  for (const { resource: name, mode } of merged) {
    if (name === ALONE) {
      alone = mode === 'exclusive'
      continue
    }
    const resource = state.resources.get(name)
    if (resource === undefined) throw unknownResource(state, id, name)
    needs.push({ resource, mode })
  }
  const claimClass = classOf(state, needs, alone)
  const { wave } = state.fairness
  return { id, claims: merged, alone, estimate, failedLast, wave, rank: state.nextRank++, claimClass }
}

/** Takes a file out of the queue. Its class finds out when its turn comes. */
export function withdraw(state: AdmissionState, id: string): void {
  const file = state.waiting.get(id)
  if (file === undefined) return
  state.waiting.delete(id)
  countWork(state, file, -1)
  if (state.fairness.favoured === file) releaseFavoured(state)
}

function unknownResource(state: AdmissionState, id: string, resource: string): LanesError {
  const meant = nearest(resource, [...state.resources.keys(), ALONE])
  return new LanesError(
    'LANES_RESOURCE_UNKNOWN',
    `\`${id}\` claims \`${resource}\`, which is not declared.`,
    {
      hint: meant ? `Did you mean \`${meant}\`?` : `Declare it under \`resources\`.`,
    },
  )
}

function classOf(state: AdmissionState, needs: Need[], alone: boolean): ClaimClass {
  needs.sort((a, b) => a.resource.index - b.resource.index)
  let key = alone ? 'alone' : ''
  for (const { resource, mode } of needs)
    key += mode === 'shared' ? ` ${resource.index}s` : ` ${resource.index}`
  const known = state.classes.get(key)
  if (known !== undefined) return known
  const rank = state.nextRank
  const claimClass: ClaimClass = { key, needs, alone, queue: [], head: 0, rank, wokenFrom: undefined }
  state.classes.set(key, claimClass)
  state.ready.push(claimClass)
  return claimClass
}
