import { ALONE } from '../claim.ts'
import { mergeClaims } from '../claims.ts'
import { LanesError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { countWork } from './bottleneck.ts'
import { releaseFavoured } from './fairness.ts'
import type { Need } from './resource.ts'
import type { AdmissionState, ClaimClass, WaitingFile } from './state.ts'
import type { FileRequest } from './types.ts'

/** Puts files into the queue: at its end, until the next plan. All of them or, if one is bad, none. */
export function enqueue(state: AdmissionState, files: readonly FileRequest[]): void {
  const arrived: WaitingFile[] = []
  try {
    for (const request of files) {
      const file = arrive(state, request)
      state.waiting.set(file.id, file)
      arrived.push(file)
    }
  } catch (error) {
    for (const { id } of arrived) state.waiting.delete(id)
    throw error
  }
  for (const file of arrived) {
    file.claimClass.queue.push(file)
    countWork(state, file, 1)
  }
  state.unplanned += arrived.length
}

function arrive(
  state: AdmissionState,
  { id, claims, estimate, failedLast = false }: FileRequest,
): WaitingFile {
  if (state.waiting.has(id) || state.running.has(id))
    throw new LanesError('LANES_FILE_TWICE', `\`${id}\` was enqueued, but still waits or runs.`)
  const needs: Need[] = []
  let alone = false
  for (const { resource: name, mode } of claims) {
    if (name === ALONE) {
      alone ||= mode === 'exclusive'
      continue
    }
    const resource = state.resources.get(name)
    if (resource === undefined) throw unknownResource(state, id, name)
    insert(needs, resource.needs[mode])
  }
  const merged =
    claims.length > needs.length + Number(alone) || claimsTwice(needs)
      ? mergeClaims(claims, `\`${id}\``)
      : claims
  const claimClass = classOf(state, needs, alone)
  const { wave } = state.fairness
  const rank = state.nextRank++
  return { id, claims: merged, alone, estimate, failedLast, wave, rank, claimClass, waits: true }
}

/** Keeps the needs in the order of their resources, each once: files of the same claims get the same class. */
function insert(needs: Need[], need: Need): void {
  if (needs.includes(need)) return
  needs.push(need)
  for (let index = needs.length - 1; index > 0; index--) {
    const before = needs[index - 1]
    if (before === undefined || before.resource.index < need.resource.index) break
    needs[index] = before
    needs[index - 1] = need
  }
}

/** Needs of one resource stand beside each other. */
function claimsTwice(needs: readonly Need[]): boolean {
  for (let index = 1; index < needs.length; index++)
    if (needs[index]?.resource === needs[index - 1]?.resource) return true
  return false
}

/** Takes a file out of the queue. Its class finds out when its turn comes. */
export function withdraw(state: AdmissionState, id: string): void {
  const file = state.waiting.get(id)
  if (file === undefined) return
  file.waits = false
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

function classOf(state: AdmissionState, needs: readonly Need[], alone: boolean): ClaimClass {
  let key = alone ? '\uffff' : ''
  for (const { resource, mode } of needs)
    key += String.fromCharCode(2 * resource.index + (mode === 'shared' ? 1 : 0))
  const known = state.classes.get(key)
  if (known !== undefined) return known
  const rank = state.nextRank
  const claimClass: ClaimClass = {
    key,
    needs,
    alone,
    modes: undefined,
    queue: [],
    head: 0,
    rank,
    wokenFrom: undefined,
  }
  state.classes.set(key, claimClass)
  state.ready.push(claimClass)
  return claimClass
}
