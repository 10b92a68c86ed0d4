import { asNumber } from './json.ts'
import { option, type OptionsSchema } from './options.ts'
import { classifyUsage, type Usage, type UsageClasses } from './usage.ts'

/**
 * What a model costs: tokens in USD per million, other units in USD each. What is absent is not known, and never free;
 * a part of the tokens without a price of its own costs what the rest of its side costs.
 */
export interface Price {
  readonly input?: number
  readonly output?: number
  readonly cacheRead?: number
  readonly cacheWrite5m?: number
  /** As `cacheWrite5m` when absent. */
  readonly cacheWrite1h?: number
  readonly reasoning?: number
  readonly inputAudio?: number
  readonly inputImage?: number
  readonly outputAudio?: number
  readonly outputImage?: number
  /** A unit of reranking. */
  readonly searchUnit?: number
  /** A search that the provider makes on the web. */
  readonly webSearch?: number
  /** A fee for each request, beside its tokens. */
  readonly request?: number
  /** Long prompts, which cost more for all their tokens; the lowest first. */
  readonly longInput?: readonly LongInput[]
}

/** From more than `above` input tokens on, prices are multiplied. */
export interface LongInput {
  readonly above: number
  readonly inputTimes: number
  readonly outputTimes: number
}

/** A price that is written in a configuration. It takes the place of the table's whole row. */
export const priceOptions: OptionsSchema = option.object({
  input: usd('Input, in USD per million tokens.'),
  output: usd('Output, in USD per million tokens.'),
  cache_read: usd("Input from the provider's cache, in USD per million tokens; as `input` when absent."),
  cache_write: usd('Input written to the cache, in USD per million tokens; as `input` when absent.'),
  cache_write_1h: usd('The same, kept for an hour; as `cache_write` when absent.'),
  reasoning: usd('Thinking, in USD per million tokens; as `output` when absent.'),
  input_audio: usd('Sound, in USD per million tokens; as `input` when absent.'),
  input_image: usd('Pictures, in USD per million tokens; as `input` when absent.'),
  output_audio: usd('Sound in the answer, in USD per million tokens; as `output` when absent.'),
  output_image: usd('Pictures in the answer, in USD per million tokens; as `output` when absent.'),
  search_unit: usd('A unit of reranking, in USD.'),
  web_search: usd('A search that the provider makes on the web, in USD.'),
  request: usd('A fee for each request, in USD.'),
})

function usd(description: string): ReturnType<typeof option.number> {
  return option.optional(option.number({ description, minimum: 0 }))
}

/** The price that `options`, checked against `priceOptions`, tell. */
export function readPrice(options: Readonly<Record<string, unknown>>): Price {
  const price: Partial<Record<Rate, number>> = {}
  for (const [key, name] of OPTIONS) {
    const value = asNumber(options[key])
    if (value !== undefined) price[name] = value
  }
  return price
}

type Rate = Exclude<keyof Price, 'longInput'>

const OPTIONS: readonly (readonly [string, Rate])[] = [
  ['input', 'input'],
  ['output', 'output'],
  ['cache_read', 'cacheRead'],
  ['cache_write', 'cacheWrite5m'],
  ['cache_write_1h', 'cacheWrite1h'],
  ['reasoning', 'reasoning'],
  ['input_audio', 'inputAudio'],
  ['input_image', 'inputImage'],
  ['output_audio', 'outputAudio'],
  ['output_image', 'outputImage'],
  ['search_unit', 'searchUnit'],
  ['web_search', 'webSearch'],
  ['request', 'request'],
]

/** What a reply cost; undefined when something in it has no known price, or when what is billed was not counted. */
export function costUsd(usage: Usage, price: Price): number | undefined {
  const tokens = tokensUsd(usage, price)
  const searches = unitsUsd(usage.webSearches, price.webSearch)
  const units = unitsUsd(usage.searchUnits, price.searchUnit)
  if (tokens === undefined || searches === undefined || units === undefined) return undefined
  return tokens + searches + units + (price.request ?? 0)
}

/** What a request of this size is about to cost, nothing of it cached: for comparing targets. */
export function estimateUsd(
  price: Price,
  { inputTokens, outputTokens }: { inputTokens: number; outputTokens: number },
): number | undefined {
  const searchUnits = price.searchUnit === undefined ? 0 : 1
  return costUsd({ inputTokens, outputTokens, searchUnits }, price)
}

function tokensUsd(usage: Usage, price: Price): number | undefined {
  if (price.input === undefined && price.output === undefined) return isBilledByUnits(price) ? 0 : undefined
  if (price.input !== undefined && usage.inputTokens === undefined) return undefined
  if (price.output && usage.outputTokens === undefined) return undefined
  const classes = classifyUsage(usage)
  const long = longInput(price, usage.inputTokens ?? 0)
  let total = 0
  for (const name of CLASSES) {
    const count = classes[name]
    if (count === 0) continue
    const rate = rateOf(name, price)
    if (rate === undefined) return undefined
    total += count * rate * (long ? timesOf(name, long) : 1)
  }
  return total / 1_000_000
}

/** Rerankers count tokens too, but bill something else. */
function isBilledByUnits({ searchUnit, request }: Price): boolean {
  return searchUnit !== undefined || request !== undefined
}

const CLASSES = Object.keys(classifyUsage({})) as readonly (keyof UsageClasses)[]

function rateOf(name: keyof UsageClasses, price: Price): number | undefined {
  if (price[name] !== undefined) return price[name]
  if (name === 'cacheWrite1h' && price.cacheWrite5m !== undefined) return price.cacheWrite5m
  return OF_OUTPUT.has(name) ? price.output : price.input
}

const OF_OUTPUT: ReadonlySet<keyof UsageClasses> = new Set<keyof UsageClasses>([
  'output',
  'reasoning',
  'outputAudio',
  'outputImage',
])

function longInput(price: Price, inputTokens: number): LongInput | undefined {
  return price.longInput?.findLast(({ above }) => inputTokens > above)
}

function timesOf(name: keyof UsageClasses, { inputTimes, outputTimes }: LongInput): number {
  return OF_OUTPUT.has(name) ? outputTimes : inputTimes
}

function unitsUsd(count = 0, price?: number): number | undefined {
  return count === 0 ? 0 : price && price * count
}
