import { above, type ModelRow, type PriceList } from './row.ts'

/** Writing to the cache costs a quarter more than input, and for an hour twice as much. */
function claude(input: number, output: number, rest: ModelRow): ModelRow {
  return {
    input,
    output,
    cacheRead: input / 10,
    cacheWrite5m: input * 1.25,
    cacheWrite1h: input * 2,
    ...rest,
  }
}

const small = { context: 200_000 }
const large = { context: 1_000_000 }

/** Models that cost the same in every region of a cloud. */
export const olderClaudes: Readonly<Record<string, ModelRow>> = {
  'claude-3-haiku': claude(0.25, 1.25, { ...small, cacheRead: 0.03, cacheWrite5m: 0.3 }),
  'claude-3-sonnet': claude(3, 15, small),
  'claude-3-opus': claude(15, 75, small),
  'claude-3-5-haiku': claude(0.8, 4, small),
  'claude-3-5-sonnet': claude(3, 15, small),
  'claude-3-7-sonnet': claude(3, 15, small),
  'claude-sonnet-4': claude(3, 15, small),
  'claude-sonnet-4-0': claude(3, 15, small),
  'claude-opus-4': claude(15, 75, small),
  'claude-opus-4-0': claude(15, 75, small),
  'claude-opus-4-1': claude(15, 75, small),
}

/** Models that Bedrock sells at a tenth more when they are to stay in a region. */
export const newerClaudes: Readonly<Record<string, ModelRow>> = {
  'claude-haiku-4-5': claude(1, 5, small),
  'claude-haiku-5-5': claude(0.1, 0.5, { ...large, longInput: above(100_000, 5, 5) }),
  'claude-sonnet-4-5': claude(3, 15, { ...small, longInput: above(200_000, 2, 1.5) }),
  'claude-sonnet-4-6': claude(3, 15, large),
  'claude-sonnet-5': claude(2, 10, large),
  'claude-sonnet-5-5': claude(2, 10, { ...large, cacheRead: 0.1 }),
  'claude-opus-4-5': claude(5, 25, small),
  'claude-opus-4-6': claude(5, 25, large),
  'claude-opus-4-7': claude(5, 25, large),
  'claude-opus-4-8': claude(5, 25, large),
  'claude-opus-5': claude(5, 25, large),
  'claude-opus-5-5': claude(4, 20, { ...large, cacheRead: 0.2 }),
  'claude-fable-5': claude(10, 50, large),
  'claude-fable-5-1': claude(10, 50, { ...large, cacheRead: 0.25 }),
  'claude-fable-5-2': claude(8, 40, { ...large, cacheRead: 0.2 }),
  'claude-mythos-5-2': claude(8, 40, { ...large, cacheRead: 0.2 }),
}

export const anthropicPrices: PriceList = {
  provider: 'anthropic',
  source: 'https://platform.claude.com/docs/en/about-claude/pricing',
  asOf: '2026-11-01',
  common: { webSearch: 0.01 },
  models: { ...olderClaudes, ...newerClaudes },
}
