import { count, duration } from '@vitest-lanes/report'
import type { Terminal } from '../terminal.ts'
import type { FailingTest, LikeMessages, StressResult, StressRun } from './result.ts'

/** Of each list, as many as are read. */
const SHOWN_RUNS = 5
const SHOWN_BESIDE = 3
const SHOWN_MESSAGES = 3
const SHOWN_LINES = 4

/** What a stress has found, for people. */
export function stressText(result: StressResult, terminal: Terminal): string {
  const { failing, unhandled, runs } = result
  const sections = [
    [headline(result)],
    ...failing.map((test) => testLines(test, terminal)),
    ...(unhandled.length === 0
      ? []
      : [['Errors that belong to no test', ...unhandled.flatMap(messageLines)]]),
    conclusion(result, terminal),
    nextSteps(failing, runs),
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function headline({ runs, files, tests, duration: ms, interrupted }: StressResult): string {
  const lanes = new Set(runs.map((run) => run.lanes))
  const [only] = lanes
  return [
    `${count(runs.length, 'run')} of ${count(files, 'file')}, ${count(tests, 'test')}`,
    ...(lanes.size === 1 && only !== undefined ? [count(only, 'lane')] : []),
    ...(runs.length > 0 ? [`seeds ${runs[0]!.seed} to ${runs.at(-1)!.seed}`] : []),
    duration(ms),
    ...(interrupted ? ['interrupted'] : []),
  ].join(' · ')
}

function testLines(test: FailingTest, terminal: Terminal): string[] {
  const { failedIn, messages, constant } = test
  // What never passed has nothing to compare with.
  const beside = constant ? [] : test.beside
  const shown = failedIn.slice(0, SHOWN_RUNS).map(({ run, seed }) => `${run} (seed ${seed})`)
  const more = failedIn.length - shown.length
  return [
    terminal.style('red', `${test.project === '' ? '' : `[${test.project}] `}${nameOf(test, ' › ')}`),
    `  ${rateText(test)}`,
    `  in ${failedIn.length === 1 ? 'run' : 'runs'} ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    ...beside.slice(0, SHOWN_BESIDE).map((each) => `  beside ${each.file}: ${besideText(each, test)}`),
    ...messages.slice(0, SHOWN_MESSAGES).flatMap(messageLines),
  ]
}

/** A file that failed before its tests were known stands for itself. */
function nameOf({ file, name }: FailingTest, between: string): string {
  return name === file ? file : `${file}${between}${name}`
}

function rateText({ failures, runs, retried, rate, interval, constant }: FailingTest): string {
  if (constant)
    return `failed in all of ${count(runs, 'run')}: it is broken, or something disturbs it each time`
  const between = `95 %: ${percent(interval.low)} to ${percent(interval.high)}`
  const again = retried > 0 ? `, of which ${retried} passed when tried again` : ''
  return `failed in ${failures} of ${count(runs, 'run')}${again}: ${percent(rate)} (${between})`
}

function besideText(each: FailingTest['beside'][number], { compared, failures }: FailingTest): string {
  return `in ${each.failures} of ${failures} runs that failed, ${each.passes} of ${compared} that did not`
}

function messageLines({ count: times, example }: LikeMessages): string[] {
  const lines = example.split('\n').slice(0, SHOWN_LINES)
  return lines.map((line, index) => (index === 0 ? `  ${times} × ${line}` : `      ${line}`))
}

function conclusion(
  { excluded, runs, interrupted, failing, unhandled }: StressResult,
  terminal: Terminal,
): string[] {
  if (runs.length === 0) return [interrupted ? 'No run had ended.' : 'Nothing ran.']
  if (excluded === undefined)
    return failing.length + unhandled.length === 0 ? [] : [`Records: .vitest-lanes/stress`]
  return [
    terminal.style('green', 'Nothing failed.'),
    `A test that fails in more than ${percent(excluded.rate)} of runs would have shown itself with ${percent(excluded.confidence)} confidence.`,
    ...(runs.every(({ lanes }) => lanes === 1)
      ? ['Files ran one at a time: with `--lanes 4` they run beside each other.']
      : []),
  ]
}

function nextSteps(failing: readonly FailingTest[], runs: readonly StressRun[]): string[] {
  const first = failing.find(({ constant }) => !constant) ?? failing[0]
  const [failed] = first?.failedIn ?? []
  if (first === undefined || failed === undefined || runs.length === 0) return []
  const named = nameOf(first, ' > ').replaceAll("'", String.raw`'\''`)
  return [
    `npx vitest-lanes replay --run ${failed.run}   repeats one of them`,
    `npx vitest-lanes bisect '${named}'   finds what it takes`,
  ]
}

function percent(rate: number): string {
  const value = rate * 100
  return `${value > 0 && value < 1 ? value.toPrecision(1) : value.toFixed(value < 10 && value > 0 ? 1 : 0)} %`
}
