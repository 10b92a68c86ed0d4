import type { Price } from '../core/prices.ts'
import { anthropicPrices } from './anthropic.ts'
import { bedrockPrices } from './bedrock.ts'
import { geminiPrices, vertexPrices } from './google.ts'
import { collectedRow } from './collection.ts'
import { cerebrasPrices, databricksPrices, fireworksPrices } from './hosts.ts'
import { groqPrices, sambaNovaPrices, togetherPrices } from './hosts.ts'
import { ai21Prices, deepSeekPrices, mistralPrices, perplexityPrices, xaiPrices } from './labs.ts'
import { namesOf } from './model-name.ts'
import { openAiPrices } from './openai.ts'
import { dashScopePrices, moonshotPrices, zaiPrices } from './qwen-kimi-glm.ts'
import { coherePrices, jinaPrices, voyagePrices } from './retrieval.ts'
import type { ModelRow, PriceList } from './row.ts'

/** Changes with every change of a row, so that a recorded cost can be explained later. */
export const PRICES_VERSION = '2026.11.1'

/** Every provider whose prices are known. Providers that run on their users' own machines have none. */
export const priceLists: readonly PriceList[] = [
  openAiPrices,
  anthropicPrices,
  geminiPrices,
  vertexPrices,
  bedrockPrices,
  mistralPrices,
  coherePrices,
  deepSeekPrices,
  xaiPrices,
  perplexityPrices,
  ai21Prices,
  moonshotPrices,
  zaiPrices,
  dashScopePrices,
  groqPrices,
  togetherPrices,
  fireworksPrices,
  cerebrasPrices,
  sambaNovaPrices,
  databricksPrices,
  voyagePrices,
  jinaPrices,
]

/** A model and who serves it: the provider's canonical name, and the model's in requests. */
export interface ServedModel {
  readonly provider: string
  readonly model: string | null
}

/** What a model costs; `override`, from the configuration, goes before the table. Undefined: nobody knows. */
export function priceOf(served: ServedModel, override?: Price): Price | undefined {
  return override ?? rowOf(served)
}

/** How many tokens a request to the model and its answer may have; undefined when that is not known. */
export function contextWindowOf(served: ServedModel): number | undefined {
  return rowOf(served)?.context
}

function rowOf({ provider, model }: ServedModel): ModelRow | undefined {
  const rows = ROWS.get(provider)
  if (model === null) return undefined
  for (const name of namesOf(provider, model)) {
    const row = rows?.get(name)
    if (row !== undefined) return row
  }
  return collectedRow(provider, model)
}

/** Names in lower case, by provider. */
const ROWS: ReadonlyMap<string, ReadonlyMap<string, ModelRow>> = new Map(
  priceLists.map(({ provider, common, models }) => [
    provider,
    new Map(Object.entries(models).map(([name, row]) => [name.toLowerCase(), { ...common, ...row }])),
  ]),
)
