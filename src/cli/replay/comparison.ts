import type { Usage } from '../../core/usage.ts'
import type { Outcome } from './outcome.ts'
import { similarity } from './similarity.ts'

/** One request, as it went then and now. */
export interface Comparison {
  readonly cassette: string
  readonly format: string
  readonly recorded: Side
  readonly now: Side
  /** Null where one of the two has no text. */
  readonly text: { readonly equal: boolean; readonly similarity: number } | null
}

/** What is left of an outcome; null is not known. */
export interface Side {
  readonly status: number
  readonly error: string | null
  readonly firstMs: number | null
  readonly totalMs: number
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly costUsd: number | null
}

/** What a reply cost, in USD; undefined when nobody knows. */
export type CostOf = (served: { provider: string; model: string | null }, usage: Usage) => number | undefined

interface Served extends Outcome {
  readonly provider: string
  readonly model: string | null
}

export function compare(
  { cassette, format }: Pick<Comparison, 'cassette' | 'format'>,
  { recorded, now }: { recorded: Served; now: Served },
  costOf: CostOf,
): Comparison {
  const [was, is] = [recorded.text, now.text]
  const text =
    was === undefined || is === undefined
      ? null
      : { equal: was === is, similarity: was === is ? 1 : similarity(was, is) }
  return { cassette, format, recorded: toSide(recorded, costOf), now: toSide(now, costOf), text }
}

function toSide({ status, error, firstMs, totalMs, usage, ...served }: Served, costOf: CostOf): Side {
  return {
    status,
    error: error ?? null,
    firstMs: firstMs === undefined ? null : round(firstMs),
    totalMs: round(totalMs),
    inputTokens: usage?.inputTokens ?? null,
    outputTokens: usage?.outputTokens ?? null,
    costUsd: (usage && costOf(served, usage)) ?? null,
  }
}

/** Of all comparisons: each pair is what was recorded, and what is now. */
export interface Summary {
  readonly ran: number
  readonly failed: number
  readonly firstMs: Percentiles
  readonly totalMs: Percentiles
  readonly inputTokens: Pair
  readonly outputTokens: Pair
  readonly costUsd: Pair
  /** Shares from 0 to 1, of those that have a text on both sides. */
  readonly equalTexts: number | null
  readonly similarity: number | null
}

export interface Pair {
  readonly recorded: number | null
  readonly now: number | null
}

export interface Percentiles {
  readonly p50: Pair
  readonly p95: Pair
}

/** What is known of both sides is summed, so that the two can be compared. */
export function summarise(comparisons: readonly Comparison[]): Summary {
  const texts = comparisons.flatMap(({ text }) => text ?? [])
  return {
    ran: comparisons.length,
    failed: comparisons.filter(({ now }) => now.error !== null).length,
    firstMs: percentiles(comparisons, 'firstMs'),
    totalMs: percentiles(comparisons, 'totalMs'),
    inputTokens: sums(comparisons, 'inputTokens'),
    outputTokens: sums(comparisons, 'outputTokens'),
    costUsd: sums(comparisons, 'costUsd'),
    equalTexts: mean(texts.map(({ equal }) => Number(equal))),
    similarity: mean(texts.map((text) => text.similarity)),
  }
}

type Figure = 'firstMs' | 'totalMs' | 'inputTokens' | 'outputTokens' | 'costUsd'

/** The figures that both sides of a request have. */
function bothOf(comparisons: readonly Comparison[], figure: Figure): { recorded: number[]; now: number[] } {
  const both = { recorded: Array<number>(), now: Array<number>() }
  for (const { recorded, now } of comparisons) {
    const [was, is] = [recorded[figure], now[figure]]
    if (was === null || is === null) continue
    both.recorded.push(was)
    both.now.push(is)
  }
  return both
}

function percentiles(comparisons: readonly Comparison[], figure: Figure): Percentiles {
  const { recorded, now } = bothOf(comparisons, figure)
  const at = (share: number): Pair => ({ recorded: percentile(recorded, share), now: percentile(now, share) })
  return { p50: at(0.5), p95: at(0.95) }
}

function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? null
}

function sums(comparisons: readonly Comparison[], figure: Figure): Pair {
  const { recorded, now } = bothOf(comparisons, figure)
  return { recorded: sum(recorded), now: sum(now) }
}

function sum(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((total, value) => total + value, 0)
}

function mean(values: readonly number[]): number | null {
  const total = sum(values)
  return total === null ? null : total / values.length
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
