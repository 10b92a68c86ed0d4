import type { PriceList } from './row.ts'

export const coherePrices: PriceList = {
  provider: 'cohere',
  source: 'https://cohere.com/pricing',
  asOf: '2026-11-01',
  models: {
    'command-a': { input: 2.5, output: 10, context: 256_000 },
    'command-r-plus': { input: 2.5, output: 10, context: 128_000 },
    'command-r': { input: 0.15, output: 0.6, context: 128_000 },
    'command-r7b': { input: 0.0375, output: 0.15, context: 128_000 },
    command: { input: 1, output: 2, context: 4096 },
    'command-light': { input: 0.3, output: 0.6, context: 4096 },
    'c4ai-aya-expanse-32b': { input: 0.5, output: 1.5, context: 128_000 },
    'c4ai-aya-expanse-8b': { input: 0.5, output: 1.5, context: 8192 },
    'embed-v4.0': { input: 0.12, inputImage: 0.47, context: 128_000 },
    'embed-english-v3.0': { input: 0.1, context: 512 },
    'embed-multilingual-v3.0': { input: 0.1, context: 512 },
    'rerank-v3.5': { searchUnit: 0.002, context: 4096 },
    'rerank-english-v3.0': { searchUnit: 0.002, context: 4096 },
    'rerank-multilingual-v3.0': { searchUnit: 0.002, context: 4096 },
  },
}

const text = { context: 32_000 }

export const voyagePrices: PriceList = {
  provider: 'voyage',
  source: 'https://docs.voyageai.com/docs/pricing',
  asOf: '2026-11-01',
  models: {
    'voyage-4-large': { input: 0.12, ...text },
    'voyage-4': { input: 0.06, ...text },
    'voyage-4-lite': { input: 0.02, ...text },
    'voyage-code-4': { input: 0.12, ...text },
    'voyage-context-4': { input: 0.12, ...text },
    'voyage-3-large': { input: 0.18, ...text },
    'voyage-3.5': { input: 0.06, ...text },
    'voyage-3.5-lite': { input: 0.02, ...text },
    'voyage-3': { input: 0.06, ...text },
    'voyage-3-lite': { input: 0.02, ...text },
    'voyage-code-3': { input: 0.18, ...text },
    'voyage-context-3': { input: 0.18, ...text },
    'voyage-code-2': { input: 0.12, context: 16_000 },
    'voyage-finance-2': { input: 0.12, ...text },
    'voyage-law-2': { input: 0.12, context: 16_000 },
    'voyage-multilingual-2': { input: 0.12, ...text },
    'rerank-2.5': { input: 0.05, ...text },
    'rerank-2.5-lite': { input: 0.02, ...text },
  },
}

/** One price for all models: tokens are bought ahead, here at the rate of the smallest package. */
export const jinaPrices: PriceList = {
  provider: 'jina',
  source: 'https://jina.ai/embeddings/',
  asOf: '2025-06-01',
  models: {
    'jina-embeddings-v4': { input: 0.05, context: 32_768 },
    'jina-embeddings-v3': { input: 0.05, context: 8192 },
    'jina-embeddings-v2-base-en': { input: 0.05, context: 8192 },
    'jina-embeddings-v2-base-code': { input: 0.05, context: 8192 },
    'jina-embeddings-v2-base-de': { input: 0.05, context: 8192 },
    'jina-reranker-v2-base-multilingual': { input: 0.05, context: 8192 },
    'jina-reranker-m0': { input: 0.05, context: 10_240 },
    'jina-clip-v2': { input: 0.05, context: 8192 },
  },
}
