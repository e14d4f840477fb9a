import { boundSentence, count, cpuSentence, duration, gainSentence, table } from '@vitest-lanes/report'
import type { Column } from '@vitest-lanes/report'
import type { RunPlan } from './predict-run.ts'

const CHART_COLUMNS = 32

/** A plan as text, without colours. */
export function planText(plan: RunPlan, columns: number): string {
  const isGuess = plan.guessed === plan.files.length
  const gain = isGuess ? undefined : gainSentence(plan.gains[0])
  const bound = plan.files.length > 1 && !isGuess ? [boundSentence(plan.bound, columns)] : []
  const sections = [
    [headline(plan), ...notes(plan), ...bound],
    plan.assumed === undefined ? [] : [assumption(plan, plan.assumed)],
    gain === undefined || plan.assumed !== undefined ? [] : [gain],
    lanesTable(plan),
    shardsTable(plan),
    plan.byLanes === undefined && plan.shards === undefined && plan.assumed === undefined
      ? filesTable(plan, columns)
      : [],
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function headline({ files, lanes, predicted, bound, shard, guessed }: RunPlan): string {
  const which = shard === undefined ? '' : `Shard ${shard.index} of ${shard.count}: `
  const what = `${which}${count(files.length, 'file')} in ${count(lanes, 'lane')}`
  if (guessed === files.length) return what
  return `${what} · about ${duration(predicted)} · no order takes less than ${duration(bound.ms)}`
}

function notes({ guessed, others, files, cpuBound, predicted, split }: RunPlan): string[] {
  const busy = cpuSentence(cpuBound, predicted)
  return [
    ...(busy === undefined ? [] : [busy]),
    ...(split === undefined ? [] : [splitSentence(split)]),
    ...(guessed > 0
      ? [
          guessed === files.length
            ? 'No file has run yet: all times are guesses. After a run of `vitest` they are known.'
            : `${count(guessed, 'file')} never ran: guessed from the others.`,
        ]
      : []),
    ...(others > 0 ? [`${count(others, 'file')} more outside of lanes, not in these figures.`] : []),
  ]
}

function splitSentence({ parts, predicted, whole }: NonNullable<RunPlan['split']>): string {
  const each = Object.entries(parts).map(([file, number]) => `${file} in ${number} parts`)
  const shown = each.length > 3 ? `${count(each.length, 'file')} in parts` : each.join(', ')
  return `Split: ${shown}: about ${duration(predicted)} instead of ${duration(whole)}, by the times of tests alone.`
}

function assumption({ predicted }: RunPlan, assumed: NonNullable<RunPlan['assumed']>): string {
  const saved = Math.round((100 * (predicted - assumed.predicted)) / Math.max(1, predicted))
  const verdict = saved > 0 ? `${saved} % less` : saved < 0 ? `${-saved} % more` : 'no difference'
  return `With ${assumed.changes.join(', ')}: ${duration(assumed.predicted)} instead of ${duration(predicted)} (${verdict}), ${boundSentence(assumed.bound)}.`
}

function lanesTable({ byLanes = [], lanes: now }: RunPlan): string[] {
  if (byLanes.length === 0) return []
  return chart(
    'lanes',
    byLanes.map(({ lanes, predicted }) => ({
      name: lanes === now ? `${lanes} (now)` : String(lanes),
      cells: [],
      predicted,
    })),
    [],
  )
}

function shardsTable({ shards = [] }: RunPlan): string[] {
  if (shards.length === 0) return []
  const rows = shards.map(({ index, files, predicted }) => ({
    name: String(index),
    cells: [String(files)],
    predicted,
  }))
  return chart('shard', rows, ['files'])
}

/** A table with a bar for each time. */
function chart(
  title: string,
  rows: readonly { readonly name: string; readonly cells: readonly string[]; readonly predicted: number }[],
  titles: readonly string[],
): string[] {
  const most = Math.max(1, ...rows.map(({ predicted }) => predicted))
  return table(
    [{ title }, ...titles.map(right), right('about'), { title: '' }],
    rows.map(({ name, cells, predicted }) => [
      name,
      ...cells,
      duration(predicted),
      '█'.repeat(Math.max(1, Math.round((CHART_COLUMNS * predicted) / most))),
    ]),
  )
}

function filesTable({ files }: RunPlan, columns: number): string[] {
  return table(
    [right('starts'), right('takes'), right('lane'), { title: 'file', path: true }, { title: 'claims' }],
    files.map(({ file, claims, estimate, lane, start }) => [
      duration(start),
      duration(estimate),
      String(lane),
      file,
      claims.map(({ resource, mode }) => (mode === 'shared' ? `${resource}/shared` : resource)).join(', '),
    ]),
    columns,
  )
}

function right(title: string): Column {
  return { title, align: 'right' }
}
