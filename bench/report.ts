import { writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { hasSchedstat } from './cpu.ts'
import { verdictOf, type Figure, type RowResult } from './row.ts'

/** A row that ran, or that failed to. */
export interface ReportedRow {
  readonly key: string
  readonly title: string
  readonly result?: RowResult
  /** Why it has no result. */
  readonly failure?: string
}

/** Where and how a run was made. */
export interface Environment {
  readonly date: string
  readonly node: string
  readonly cpu: string
  readonly cores: number
  /** Load average of the minute before the run; on a quiet machine well below 0.3. */
  readonly loadBefore: number
  readonly pinning: string
  readonly cpuClock: string
  readonly mode: 'quick' | 'full'
  readonly gateway: string
}

const COLUMNS = ['row', 'figure', 'direct', 'bare', 'gateway', 'ratio', 'target', '']

const SIGNIFICANT_DIGITS = 6

/** Looks at the machine. */
export function environmentOf(given: Pick<Environment, 'pinning' | 'mode' | 'gateway'>): Environment {
  return {
    date: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    loadBefore: loadavg()[0] ?? Number.NaN,
    cpuClock: hasSchedstat() ? '/proc schedstat, ns' : '/proc stat, ticks of 10 ms',
    ...given,
  }
}

/** The line above the table. */
export function headline(environment: Environment): string {
  const { node, cpu, cores, loadBefore, pinning, cpuClock, mode } = environment
  return [
    `${mode} run, Node ${node}, ${cores} x ${cpu}, load average before ${loadBefore.toFixed(2)}`,
    `${pinning}; CPU from ${cpuClock}`,
  ].join('\n')
}

/** The rows as a text table, notes and failures below. */
export function table(rows: readonly ReportedRow[]): string {
  const lines = rows.flatMap(linesOf)
  const widths = COLUMNS.map((column, index) =>
    Math.max(column.length, ...lines.map((line) => line[index]?.length ?? 0)),
  )
  const drawn = [COLUMNS, widths.map((width) => '-'.repeat(width)), ...lines].map((line) =>
    line
      .map((cell, index) => (index < 2 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
  return [...drawn, '', ...rows.flatMap(remarksOf)].join('\n')
}

/** Everything as one JSON value, on one line. */
export function toJson(environment: Environment, rows: readonly ReportedRow[]): string {
  const report = {
    environment,
    rows: rows.map((row) => ({
      ...row,
      ...(row.result === undefined
        ? {}
        : { result: { ...row.result, figures: row.result.figures.map(withVerdict) } }),
    })),
  }
  return JSON.stringify(report, (_key, value: unknown) =>
    typeof value === 'number' ? rounded(value) : value,
  )
}

/** Writes the JSON to a file; throws when that is not possible. */
export function writeJson(file: string, json: string): void {
  writeFileSync(file, `${json}\n`)
}

function linesOf(row: ReportedRow): string[][] {
  if (row.result === undefined) return [[row.title, 'failed to run', '', '', '', '', '', 'FAILED']]
  const lines = row.result.figures.map((figure, index) => [
    index === 0 ? row.title : '',
    figure.name,
    number(figure.direct),
    number(figure.bare),
    number(figure.gateway),
    figure.ratio === undefined ? '' : figure.ratio.toFixed(2),
    targetText(figure),
    verdictOf(figure) ?? '',
  ])
  if (row.result.errors > 0)
    lines.push(['', 'wrong answers', '', '', `${row.result.errors}`, '', '0', 'FAILED'])
  return lines
}

function remarksOf(row: ReportedRow): string[] {
  const remarks = [...(row.result?.notes ?? [])]
  if (row.failure !== undefined) remarks.push(`FAILED: ${row.failure}`)
  if (row.result?.firstError !== undefined) remarks.push(`first wrong answer: ${row.result.firstError}`)
  return remarks.length === 0 ? [] : [`${row.title}: ${remarks.join('; ')}`]
}

function withVerdict(figure: Figure): object {
  const verdict = verdictOf(figure)
  return verdict === undefined ? figure : { ...figure, verdict }
}

function targetText(figure: Figure): string {
  const { target } = figure
  if (target === undefined) return ''
  const bound = 'atMost' in target ? `<= ${target.atMost}` : `>= ${target.atLeast}`
  return `${bound}${target.of === 'ratio' ? ' x' : ''}`
}

function rounded(value: number): number {
  return Number(value.toPrecision(SIGNIFICANT_DIGITS))
}

function number(value: number | undefined): string {
  if (value === undefined) return ''
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}
