import { createRequire } from 'node:module'
import type * as Collection from '@pydantic/genai-prices'
import type { ModelPrice } from '@pydantic/genai-prices'
import type { LongInput } from '../core/prices.ts'
import type { ModelRow } from './row.ts'

/** Providers as the collection calls them. Others that it knows, nobody here is. */
const NAMES: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  gemini: 'google',
  'vertex-ai': 'google',
  bedrock: 'aws',
  mistral: 'mistral',
  cohere: 'cohere',
  deepseek: 'deepseek',
  xai: 'x-ai',
  perplexity: 'perplexity',
  groq: 'groq',
  togetherai: 'together',
  fireworks: 'fireworks',
  cerebras: 'cerebras',
  moonshot: 'moonshotai',
  openrouter: 'openrouter',
  voyage: 'voyageai',
  zai: 'zai',
}

/**
 * What the public collection of prices has of a model of which the table has no row. Undefined also for prices that
 * change within a day, and for those in units that are not counted here, such as hours of sound: better none than wrong.
 */
export function collectedRow(provider: string, model: string): ModelRow | undefined {
  const providerId = Object.hasOwn(NAMES, provider) ? NAMES[provider] : undefined
  if (providerId === undefined || model === '') return undefined
  const found = collection().calcPrice({ input_tokens: 1, output_tokens: 1 }, model, { providerId })
  if (found?.provider.id !== providerId) return undefined
  const { prices, context_window: context } = found.model
  const isOfTheHour =
    Array.isArray(prices) && prices.some(({ constraint }) => constraint?.type === 'time_of_date')
  const price = isOfTheHour ? undefined : toPrice(found.model_price, found.model.id)
  return price && { ...price, ...(context !== undefined && { context }) }
}

/** Read when it is first needed: it is large, and the table has most of what is asked for. */
function collection(): typeof Collection {
  return createRequire(import.meta.url)('@pydantic/genai-prices')
}

type Rate = Exclude<keyof ModelRow, 'context' | 'longInput'>

/** Per million tokens there and here. */
const PER_MILLION: Readonly<Record<string, Rate>> = {
  input_mtok: 'input',
  output_mtok: 'output',
  cache_read_mtok: 'cacheRead',
  cache_write_mtok: 'cacheWrite5m',
  cache_write_1h_mtok: 'cacheWrite1h',
  output_reasoning_mtok: 'reasoning',
  input_audio_mtok: 'inputAudio',
  input_image_mtok: 'inputImage',
  output_audio_mtok: 'outputAudio',
  output_image_mtok: 'outputImage',
}
/** Per thousand there, each here. */
const PER_THOUSAND: Readonly<Record<string, Rate>> = {
  web_searches_kcount: 'webSearch',
  requests_kcount: 'request',
}
/** Parts of what is counted here with the rest, at its price, and tools that the gateway does not see. */
const PASSED_OVER: ReadonlySet<string> = new Set([
  'cache_audio_read_mtok',
  'cache_image_read_mtok',
  'output_citation_mtok',
  'storage_searches_kcount',
])
/** Models that bill sound and pictures apart, for which their prices have to be there. */
const OTHER_MEDIA = /audio|realtime|live|tts|speech|transcribe|whisper|voice|image|video|ocr|sora|veo|imagen/

function toPrice(given: ModelPrice, id: string): ModelRow | undefined {
  const rates: Partial<Record<Rate, number>> = {}
  const steps: Step[] = []
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || PASSED_OVER.has(key)) continue
    const rate = PER_MILLION[key] ?? PER_THOUSAND[key]
    if (rate === undefined) return undefined
    const base = typeof value === 'number' ? value : value.base
    rates[rate] = rate === PER_THOUSAND[key] ? base / 1000 : base
    const tiers = typeof value === 'number' ? [] : value.tiers
    if (tiers.length > 0 && base > 0) {
      steps.push({ rate, times: tiers.map(({ start, price }) => ({ above: start, times: price / base })) })
    }
  }
  const hasMedia = ['inputAudio', 'outputAudio', 'inputImage', 'outputImage'].some((rate) => rate in rates)
  if (OTHER_MEDIA.test(id) && !hasMedia) return undefined
  if (rates.input === undefined && rates.output === undefined) return undefined
  const long = longInput(steps)
  return long && { ...rates, ...(long.length > 0 && { longInput: long }) }
}

interface Step {
  readonly rate: Rate
  readonly times: readonly { readonly above: number; readonly times: number }[]
}

const OUTPUT: ReadonlySet<Rate> = new Set<Rate>(['output', 'reasoning', 'outputAudio', 'outputImage'])

/** One factor for each side at each step; undefined where the rates of a side rise differently. */
function longInput(steps: readonly Step[]): LongInput[] | undefined {
  const starts = [...new Set(steps.flatMap(({ times }) => times.map(({ above }) => above)))]
  const found: LongInput[] = []
  for (const above of starts.toSorted((one, other) => one - other)) {
    const factors = (isOutput: boolean): number[] =>
      steps
        .filter(({ rate }) => OUTPUT.has(rate) === isOutput)
        .map(({ times }) => times.findLast((step) => step.above <= above)?.times ?? 1)
    const [inputTimes = 1, ...others] = factors(false)
    const [outputTimes = 1, ...othersOfOutput] = factors(true)
    const isEven =
      others.every((times) => isNear(times, inputTimes)) &&
      othersOfOutput.every((times) => isNear(times, outputTimes))
    if (!isEven) return undefined
    found.push({ above, inputTimes, outputTimes })
  }
  return found
}

function isNear(one: number, other: number): boolean {
  return Math.abs(one - other) < 0.001 * other
}
