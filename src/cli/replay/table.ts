import type { Comparison, Pair, Percentiles, Side, Summary } from './comparison.ts'

const HEAD = ['cassette', 'status', 'first ms', 'total ms', 'input', 'output', 'cost USD', 'text']

/** The comparisons as lines for people: in each column what was recorded, and what is now. */
export function writeTable(comparisons: readonly Comparison[], summary: Summary): string {
  const rows = [HEAD, ...comparisons.map(rowOf)]
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return [...lines, '', ...summaryLines(summary), ''].join('\n')
}

function rowOf({ cassette, recorded, now, text }: Comparison): string[] {
  const pair = (write: (side: Side) => string): string => change(write(recorded), write(now))
  return [
    cassette.replace(/\.json$/, ''),
    pair(({ status, error }) => (error === null ? String(status) : `${status} ${error}`)),
    pair(({ firstMs }) => whole(firstMs)),
    pair(({ totalMs }) => whole(totalMs)),
    pair(({ inputTokens }) => whole(inputTokens)),
    pair(({ outputTokens }) => whole(outputTokens)),
    pair(({ costUsd }) => money(costUsd)),
    text ? (text.equal ? 'equal' : percent(text.similarity)) : '-',
  ]
}

function summaryLines(summary: Summary): string[] {
  const { ran, failed, equalTexts, similarity } = summary
  return [
    `${ran} sent again, ${failed} failed`,
    `first ms   ${latency(summary.firstMs)}`,
    `total ms   ${latency(summary.totalMs)}`,
    `tokens     input ${both(summary.inputTokens, whole)}, output ${both(summary.outputTokens, whole)}`,
    `cost USD   ${both(summary.costUsd, money)}`,
    `texts      ${percent(equalTexts)} equal, ${percent(similarity)} alike`,
  ]
}

function latency({ p50, p95 }: Percentiles): string {
  return `p50 ${both(p50, whole)}, p95 ${both(p95, whole)}`
}

function both({ recorded, now }: Pair, write: (value: number | null) => string): string {
  return change(write(recorded), write(now))
}

function change(recorded: string, now: string): string {
  return recorded === now ? now : `${recorded} > ${now}`
}

function whole(value: number | null): string {
  return value === null ? '-' : String(Math.round(value))
}

function money(value: number | null): string {
  return value === null ? '-' : value.toFixed(6)
}

function percent(share: number | null): string {
  return share === null ? '-' : `${Math.floor(share * 100)} %`
}
