import { above, type PriceList } from './row.ts'

export const mistralPrices: PriceList = {
  provider: 'mistral',
  source: 'https://mistral.ai/pricing/api',
  asOf: '2026-11-01',
  models: {
    'mistral-large-4': { input: 0.7, cacheRead: 0.07, output: 2.1, context: 1_048_576 },
    'mistral-large-2512': { input: 0.5, cacheRead: 0.05, output: 1.5, context: 262_144 },
    'mistral-large-2411': { input: 2, output: 6, context: 128_000 },
    'mistral-large-2407': { input: 2, output: 6, context: 128_000 },
    'mistral-medium-latest': { input: 1.5, cacheRead: 0.15, output: 7.5, context: 262_144 },
    'mistral-medium-3-5': { input: 1.5, cacheRead: 0.15, output: 7.5, context: 262_144 },
    'mistral-medium-2604': { input: 1.5, cacheRead: 0.15, output: 7.5, context: 262_144 },
    'mistral-medium-2508': { input: 0.4, cacheRead: 0.04, output: 2, context: 131_072 },
    'mistral-medium-2505': { input: 0.4, cacheRead: 0.04, output: 2, context: 131_072 },
    'mistral-small-latest': { input: 0.15, cacheRead: 0.015, output: 0.6, context: 262_144 },
    'mistral-small-2603': { input: 0.15, cacheRead: 0.015, output: 0.6, context: 262_144 },
    'mistral-small-2506': { input: 0.1, output: 0.3, context: 131_072 },
    'ministral-14b-2512': { input: 0.2, cacheRead: 0.02, output: 0.2, context: 262_144 },
    'ministral-8b-latest': { input: 0.15, cacheRead: 0.015, output: 0.15, context: 262_144 },
    'ministral-8b-2512': { input: 0.15, cacheRead: 0.015, output: 0.15, context: 262_144 },
    'ministral-8b-2410': { input: 0.1, output: 0.1, context: 131_072 },
    'ministral-3b-2512': { input: 0.1, cacheRead: 0.01, output: 0.1, context: 131_072 },
    'open-mistral-nemo': { input: 0.15, output: 0.15, context: 131_072 },
    'open-mixtral-8x22b': { input: 2, output: 6, context: 65_536 },
    'open-mixtral-8x7b': { input: 0.7, output: 0.7, context: 32_768 },
    'open-mistral-7b': { input: 0.25, output: 0.25, context: 32_768 },
    'magistral-medium': { input: 2, output: 5, context: 131_072 },
    'magistral-small': { input: 0.5, output: 1.5, context: 131_072 },
    codestral: { input: 0.3, cacheRead: 0.03, output: 0.9, context: 256_000 },
    'devstral-2512': { input: 0.4, cacheRead: 0.04, output: 2, context: 262_144 },
    'pixtral-large': { input: 2, output: 6, context: 131_072 },
    'pixtral-12b': { input: 0.15, output: 0.15, context: 131_072 },
    'mistral-embed': { input: 0.1, context: 8192 },
    'codestral-embed': { input: 0.15, context: 8192 },
  },
}

/** Outside its peak hours (1 to 4 and 6 to 10 o'clock UTC); within them everything costs twice as much. */
export const deepSeekPrices: PriceList = {
  provider: 'deepseek',
  source: 'https://api-docs.deepseek.com/quick_start/pricing',
  asOf: '2026-11-01',
  models: {
    'deepseek-flash': { input: 0.15, cacheRead: 0.003, output: 0.6, context: 1_000_000 },
    'deepseek-v4-flash': { input: 0.15, cacheRead: 0.003, output: 0.6, context: 1_000_000 },
    'deepseek-v4-pro': { input: 0.66, cacheRead: 0.022, output: 1.98, context: 1_000_000 },
    'deepseek-chat': { input: 0.27, cacheRead: 0.07, output: 1.1, context: 64_000 },
    'deepseek-reasoner': { input: 0.55, cacheRead: 0.14, output: 2.19, context: 64_000 },
  },
}

const grok = { context: 500_000, longInput: above(199_999, 2, 2) }

export const xaiPrices: PriceList = {
  provider: 'xai',
  source: 'https://docs.x.ai/docs/models',
  asOf: '2026-11-01',
  models: {
    'grok-4.7': { input: 2, cacheRead: 0.5, output: 6, ...grok },
    'grok-4.6': { input: 2, cacheRead: 0.5, output: 6, ...grok },
    'grok-4.5': { input: 2, cacheRead: 0.3, output: 6, ...grok },
    'grok-4.3': { input: 1.25, cacheRead: 0.2, output: 2.5, ...grok, context: 1_000_000 },
    'grok-4.20': { input: 1.25, cacheRead: 0.2, output: 2.5, ...grok, context: 1_000_000 },
    'grok-4-1-fast': { input: 0.2, cacheRead: 0.05, output: 0.5, context: 2_000_000 },
    'grok-4-1-fast-reasoning': { input: 0.2, cacheRead: 0.05, output: 0.5, context: 2_000_000 },
    'grok-4-1-fast-non-reasoning': { input: 0.2, cacheRead: 0.05, output: 0.5, context: 2_000_000 },
    'grok-4-fast-reasoning': { input: 0.2, cacheRead: 0.05, output: 0.5, context: 2_000_000 },
    'grok-4-fast-non-reasoning': { input: 0.2, cacheRead: 0.05, output: 0.5, context: 2_000_000 },
    'grok-4': { input: 3, cacheRead: 0.75, output: 15, context: 256_000 },
    'grok-3': { input: 3, cacheRead: 0.75, output: 15, context: 131_072 },
    'grok-3-mini': { input: 0.3, cacheRead: 0.075, output: 0.5, context: 131_072 },
    'grok-code-fast-1': { input: 0.2, cacheRead: 0.02, output: 1.5, context: 256_000 },
  },
}

/** The fee is for the dearest search context; a request that asks for less of it costs 4 to 8 USD less per thousand. */
export const perplexityPrices: PriceList = {
  provider: 'perplexity',
  source: 'https://docs.perplexity.ai/docs/getting-started/pricing',
  asOf: '2026-11-01',
  models: {
    sonar: { input: 1, output: 1, request: 0.012, context: 128_000 },
    'sonar-pro': { input: 3, output: 15, request: 0.014, context: 200_000 },
    'sonar-reasoning-pro': { input: 2, output: 8, request: 0.014, context: 128_000 },
    'sonar-deep-research': { input: 2, output: 8, reasoning: 3, webSearch: 0.005, context: 128_000 },
    'pplx-embed-v1-4b': { input: 0.03 },
    'pplx-embed-v1-0.6b': { input: 0.004 },
    'pplx-embed-context-v1-4b': { input: 0.05 },
    'pplx-embed-context-v1-0.6b': { input: 0.008 },
  },
}

export const ai21Prices: PriceList = {
  provider: 'ai21labs',
  source: 'https://www.ai21.com/pricing',
  asOf: '2026-02-01',
  models: {
    'jamba-large': { input: 2, output: 8, context: 256_000 },
    'jamba-large-1.7': { input: 2, output: 8, context: 256_000 },
    'jamba-large-1.6': { input: 2, output: 8, context: 256_000 },
    'jamba-1.5-large': { input: 2, output: 8, context: 256_000 },
    'jamba-mini': { input: 0.2, output: 0.4, context: 256_000 },
    'jamba-mini-2': { input: 0.2, output: 0.4, context: 256_000 },
    'jamba-mini-1.7': { input: 0.2, output: 0.4, context: 256_000 },
    'jamba-mini-1.6': { input: 0.2, output: 0.4, context: 256_000 },
    'jamba-1.5-mini': { input: 0.2, output: 0.4, context: 256_000 },
  },
}
