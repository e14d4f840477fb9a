import { ALONE, type Claim } from '../claim.ts'
import { mergeClaims } from '../claims.ts'
import { LanesError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { releaseFavoured } from './fairness.ts'
import type { AdmissionState, ClaimClass, Need } from './state.ts'
import type { FileRequest } from './types.ts'

/** Puts files into the queue: at its end, until the next plan. */
export function enqueue(state: AdmissionState, files: readonly FileRequest[]): void {
  const checked = check(state, files)
  for (const { file, claims, alone } of checked) {
    const claimClass = classOf(state, claims, alone)
    const waiting = {
      id: file.id,
      claims,
      alone,
      estimate: file.estimate,
      failedLast: file.failedLast ?? false,
      wave: state.fairness.wave,
      rank: state.nextRank++,
      claimClass,
    }
    claimClass.queue.push(waiting)
    state.waiting.set(file.id, waiting)
    state.unplanned++
  }
}

/** Takes a file out of the queue. Its class finds out when its turn comes. */
export function withdraw(state: AdmissionState, id: string): void {
  const file = state.waiting.get(id)
  if (file === undefined) return
  state.waiting.delete(id)
  if (state.fairness.favoured === file) releaseFavoured(state)
}

interface Checked {
  readonly file: FileRequest
  readonly claims: readonly Claim[]
  readonly alone: boolean
}

function check(state: AdmissionState, files: readonly FileRequest[]): Checked[] {
  const seen = new Set<string>()
  return files.map((file) => {
    if (seen.has(file.id) || state.waiting.has(file.id) || state.running.has(file.id))
      throw new LanesError('LANES_FILE_TWICE', `\`${file.id}\` was enqueued, but still waits or runs.`)
    seen.add(file.id)
    const merged = mergeClaims(file.claims)
    for (const { resource } of merged)
      if (resource !== ALONE && !state.resources.has(resource))
        throw unknownResource(state, file.id, resource)
    const alone = merged.some(({ resource, mode }) => resource === ALONE && mode === 'exclusive')
    return { file, claims: merged.filter(({ resource }) => resource !== ALONE), alone }
  })
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

function classOf(state: AdmissionState, claims: readonly Claim[], alone: boolean): ClaimClass {
  const texts = claims.map(({ resource, mode }) => `${resource}/${mode}`)
  const key = (alone ? [ALONE, ...texts.sort()] : texts.sort()).join(' ')
  const known = state.classes.get(key)
  if (known !== undefined) return known
  const needs: Need[] = []
  for (const { resource: name, mode } of claims) {
    const resource = state.resources.get(name)
    if (resource !== undefined) needs.push({ resource, mode })
  }
  const claimClass: ClaimClass = {
    key,
    needs,
    alone,
    queue: [],
    head: 0,
    rank: state.nextRank,
    wokenFrom: undefined,
  }
  state.classes.set(key, claimClass)
  state.ready.push(claimClass)
  return claimClass
}
