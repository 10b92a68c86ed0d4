import type { LongInput, Price } from '../core/prices.ts'

/** One model of a provider. */
export interface ModelRow extends Price {
  /** How many tokens fit into a request and its answer. */
  readonly context?: number
}

/** What one provider charges, at list price and without volume, batch or night discounts. */
export interface PriceList {
  /** As in `providers/index.ts`. */
  readonly provider: string
  /** Where the provider publishes its prices, to check them against. */
  readonly source: string
  /** The day that the rows are of. They come from public collections of prices, not from that page itself. */
  readonly asOf: string
  /** What all rows share. */
  readonly common?: Price
  /** By the model's name without date and version: `gpt-4o` also stands for `gpt-4o-2024-08-06`. */
  readonly models: Readonly<Record<string, ModelRow>>
}

/** The step that most providers have: all tokens cost more when the prompt is longer. */
export function above(tokens: number, inputTimes: number, outputTimes: number): readonly LongInput[] {
  return [{ above: tokens, inputTimes, outputTimes }]
}

/** The same rows under longer names, and by a factor dearer. */
export function derive(
  rows: Readonly<Record<string, ModelRow>>,
  prefix: string,
  factor = 1,
): Record<string, ModelRow> {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [prefix + name, multiply(row, factor)]))
}

function multiply({ context, longInput, ...rates }: ModelRow, factor: number): ModelRow {
  // Rounded, because 0.2 * 1.1 is not 0.22 here.
  const dearer = Object.entries(rates).map(([name, rate]) => [name, Number((rate * factor).toFixed(8))])
  return {
    ...Object.fromEntries(dearer),
    ...(context === undefined ? {} : { context }),
    ...(longInput === undefined ? {} : { longInput }),
  }
}
