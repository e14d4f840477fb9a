import { relative } from 'node:path'
import type { ReplayMatch } from '@vitest-lanes/core'
import { count } from '@vitest-lanes/report'
import type { Terminal } from '../terminal.ts'

/** How a replay went. Its JSON is API: see docs/stress.md. */
export interface ReplayResult extends ReplayMatch {
  readonly version: 1
  /** Path of the record that was repeated. */
  readonly record: string
  /** Where the repeat's own record lies, from the root. */
  readonly replay: string
  /** Absent where the recorded run had none. */
  readonly seed?: number
  readonly lanes: number
  /** What is not as it was then. */
  readonly differs: readonly string[]
  readonly unhandled: readonly string[]
  /** What the tests say that failed in the repeat. */
  readonly messages: readonly { readonly test: string; readonly messages: readonly string[] }[]
  readonly interrupted: boolean
  /** The same tests failed, or none in both. */
  readonly repeated: boolean
}

const SHOWN = 10

/** The same for people. */
export function replayText(result: ReplayResult, terminal: Terminal): string {
  const { files, overlaps, sameLane, sameTurn, outcomes, failures, messages, seed } = result
  const rows = [
    [
      'overlaps',
      `${overlaps.repeated} of ${overlaps.recorded} repeated${overlaps.added > 0 ? `, ${overlaps.added} new` : ''}`,
    ],
    ['lanes', `${sameLane} of ${count(files, 'file')} in the same lane`],
    ['order', `${sameTurn} of ${count(files, 'file')} admitted at the same turn`],
    ...outcomes
      .slice(0, SHOWN)
      .map(({ file, recorded, repeated }) => ['outcome', `${file}: ${recorded} then, ${repeated} now`]),
    ...failures.both.slice(0, SHOWN).map((test) => ['again', `${test}${messageOf(messages, test)}`]),
    ...failures.recordedOnly.slice(0, SHOWN).map((test) => ['not again', test]),
    ...failures.repeatedOnly
      .slice(0, SHOWN)
      .map((test) => ['only now', `${test}${messageOf(messages, test)}`]),
    ...result.unhandled.slice(0, SHOWN).map((message) => ['error', firstLine(message)]),
  ]
  const width = Math.max(...rows.map(([label = '']) => label.length))
  return [
    `Replay of ${relative(process.cwd(), result.record)}: ${count(files, 'file')}, ${count(result.lanes, 'lane')}${seed === undefined ? '' : `, seed ${seed}`}`,
    '',
    ...rows.map(([label = '', text = '']) => `${label.padEnd(width)}  ${text}`),
    '',
    conclusion(result, terminal),
    '',
  ].join('\n')
}

function conclusion({ interrupted, repeated, failures }: ReplayResult, terminal: Terminal): string {
  if (interrupted) return 'Interrupted.'
  if (!repeated) return terminal.style('yellow', 'It did not repeat: other tests failed than then.')
  const failed = failures.both.length
  return terminal.style(
    'green',
    failed === 0
      ? 'It repeated: nothing failed, then or now.'
      : `It repeated: the same ${count(failed, 'test')} failed.`,
  )
}

function messageOf(messages: ReplayResult['messages'], test: string): string {
  const [first] = messages.find((each) => each.test === test)?.messages ?? []
  return first === undefined ? '' : `: ${firstLine(first)}`
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!
}
