import { derive, type PriceList } from './row.ts'

export const groqPrices: PriceList = {
  provider: 'groq',
  source: 'https://groq.com/pricing',
  asOf: '2026-11-01',
  models: {
    'llama-3.3-70b-versatile': { input: 0.59, output: 0.79, context: 131_072 },
    'llama-3.1-8b-instant': { input: 0.05, output: 0.08, context: 131_072 },
    'meta-llama/llama-4-maverick-17b-128e-instruct': { input: 0.2, output: 0.6, context: 131_072 },
    'meta-llama/llama-4-scout-17b-16e-instruct': { input: 0.11, output: 0.34, context: 131_072 },
    'meta-llama/llama-guard-4-12b': { input: 0.2, output: 0.2, context: 131_072 },
    'moonshotai/kimi-k2-instruct': { input: 1, cacheRead: 0.5, output: 3, context: 262_144 },
    'openai/gpt-oss-120b': { input: 0.15, cacheRead: 0.075, output: 0.6, context: 131_072 },
    'openai/gpt-oss-20b': { input: 0.075, cacheRead: 0.0375, output: 0.3, context: 131_072 },
    'openai/gpt-oss-safeguard-20b': { input: 0.075, cacheRead: 0.0375, output: 0.3, context: 131_072 },
    'qwen/qwen3-32b': { input: 0.29, output: 0.59, context: 131_072 },
    'qwen/qwen3.8-27b': { input: 0.8, output: 4, context: 131_072 },
  },
}

export const togetherPrices: PriceList = {
  provider: 'togetherai',
  source: 'https://www.together.ai/pricing',
  asOf: '2026-11-01',
  models: {
    'meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8': { input: 0.27, output: 0.85 },
    'meta-llama/Llama-4-Scout-17B-16E-Instruct': { input: 0.18, output: 0.59 },
    'meta-llama/Llama-3.3-70B-Instruct-Turbo': { input: 0.88, output: 0.88, context: 131_072 },
    'meta-llama/Meta-Llama-3.1-405B-Instruct-Turbo': { input: 3.5, output: 3.5 },
    'meta-llama/Meta-Llama-3.1-70B-Instruct-Turbo': { input: 0.88, output: 0.88, context: 131_072 },
    'meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo': { input: 0.18, output: 0.18, context: 131_072 },
    'mistralai/Mixtral-8x7B-Instruct-v0.1': { input: 0.9, output: 0.9, context: 32_768 },
    'mistralai/Mistral-7B-Instruct-v0.2': { input: 0.2, output: 0.2, context: 32_768 },
    'openai/gpt-oss-120b': { input: 0.15, output: 0.6, context: 131_072 },
    'deepseek-ai/DeepSeek-V4-Pro-0813': { input: 1.32, cacheRead: 0.13, output: 3.96, context: 1_048_576 },
    'deepseek-ai/DeepSeek-V4.1-Flash': { input: 0.3, cacheRead: 0.006, output: 1.2, context: 1_000_000 },
    'moonshotai/Kimi-K3': { input: 3, cacheRead: 0.3, output: 15, context: 1_048_576 },
    'moonshotai/Kimi-K3.1-Pro': { input: 2, cacheRead: 0.2, output: 10, context: 1_048_576 },
    'MiniMaxAI/MiniMax-M3': { input: 0.3, cacheRead: 0.06, output: 1.2, context: 524_288 },
    'Qwen/Qwen3.5-9B': { input: 0.17, output: 0.25, context: 262_144 },
    'Qwen/Qwen3.7-Plus': { input: 0.32, output: 1.28, context: 1_000_000 },
    'Qwen/Qwen3.8-Flash': { input: 0.15, output: 0.47, context: 1_000_000 },
    'zai-org/GLM-5.2': { input: 1.4, cacheRead: 0.26, output: 4.4, context: 1_048_575 },
    'zai-org/GLM-5.3': { input: 1.4, cacheRead: 0.26, output: 4.4, context: 1_048_575 },
    'zai-org/GLM-5.3-Flash': { input: 0.15, cacheRead: 0.03, output: 0.5, context: 1_048_575 },
  },
}

/** Serverless ones only: models on machines of one's own are billed by the hour. */
export const fireworksPrices: PriceList = {
  provider: 'fireworks',
  source: 'https://fireworks.ai/pricing',
  asOf: '2026-11-01',
  models: derive(
    {
      'deepseek-v4-pro': { input: 1.74, cacheRead: 0.145, output: 3.48, context: 1_048_576 },
      'deepseek-v4-flash': { input: 0.14, cacheRead: 0.028, output: 0.28, context: 1_040_000 },
      'deepseek-v4p1-flash': { input: 0.3, cacheRead: 0.006, output: 1.2 },
      'deepseek-v3p2': { input: 0.56, cacheRead: 0.28, output: 1.68, context: 163_840 },
      'deepseek-v3-0324': { input: 0.9, output: 0.9, context: 160_000 },
      'deepseek-r1-0528': { input: 3, output: 8, context: 160_000 },
      'glm-5p3': { input: 1.4, cacheRead: 0.26, output: 4.4 },
      'glm-5p3-flash': { input: 0.15, cacheRead: 0.03, output: 0.5 },
      'glm-5p2': { input: 1.4, cacheRead: 0.14, output: 4.4, context: 1_040_000 },
      'gpt-oss-120b': { input: 0.15, cacheRead: 0.015, output: 0.6, context: 131_072 },
      'gpt-oss-20b': { input: 0.07, cacheRead: 0.035, output: 0.3, context: 131_072 },
      'kimi-k3p1-pro': { input: 2, cacheRead: 0.2, output: 10 },
      'kimi-k3': { input: 3, cacheRead: 0.3, output: 15, context: 1_040_000 },
      'kimi-k2p7-code': { input: 0.95, cacheRead: 0.19, output: 4, context: 262_144 },
      'kimi-k2p6': { input: 0.95, cacheRead: 0.16, output: 4 },
      'llama-v3p1-8b-instruct': { input: 0.2, output: 0.2, context: 131_072 },
      'llama4-maverick-instruct-basic': { input: 0.22, output: 0.88, context: 1_000_000 },
      'minimax-m3': { input: 0.3, cacheRead: 0.06, output: 1.2, context: 524_288 },
      'qwen3p8-max': { input: 2, cacheRead: 0.25, output: 6 },
      'qwen3-235b-a22b': { input: 0.22, output: 0.88, context: 128_000 },
    },
    'accounts/fireworks/models/',
  ),
}

export const cerebrasPrices: PriceList = {
  provider: 'cerebras',
  source: 'https://www.cerebras.ai/pricing',
  asOf: '2026-11-01',
  models: {
    'gpt-oss-120b': { input: 0.35, output: 0.75, context: 131_072 },
    'qwen-3.8-27b': { input: 0.99, output: 1.49, context: 65_536 },
    'llama-3.3-70b': { input: 0.85, output: 1.2, context: 128_000 },
    'llama3.1-8b': { input: 0.1, output: 0.1, context: 32_768 },
    'qwen-3-32b': { input: 0.4, output: 0.8, context: 131_072 },
    'zai-glm-4.7': { input: 2.25, output: 2.75, context: 131_072 },
  },
}

export const sambaNovaPrices: PriceList = {
  provider: 'sambanova',
  source: 'https://cloud.sambanova.ai/pricing',
  asOf: '2026-06-01',
  models: {
    'DeepSeek-R1-0528': { input: 5, output: 7, context: 131_072 },
    'DeepSeek-V3-0324': { input: 3, output: 4.5, context: 131_072 },
    'DeepSeek-V3.1': { input: 3, output: 4.5, context: 131_072 },
    'DeepSeek-V3.2': { input: 3, output: 4.5 },
    'Llama-4-Maverick-17B-128E-Instruct': { input: 0.63, output: 1.8 },
    'Meta-Llama-3.3-70B-Instruct': { input: 0.6, output: 1.2, context: 131_072 },
    'Meta-Llama-3.1-8B-Instruct': { input: 0.1, output: 0.2, context: 16_384 },
    'Qwen3-32B': { input: 0.4, output: 0.8, context: 32_768 },
    'gpt-oss-120b': { input: 0.22, output: 0.59, context: 131_072 },
  },
}

/** Of endpoints that are paid by the token; a provisioned one is billed by the hour. */
export const databricksPrices: PriceList = {
  provider: 'databricks',
  source: 'https://www.databricks.com/product/pricing/foundation-model-serving',
  asOf: '2026-11-01',
  models: {
    'databricks-llama-4-maverick': { input: 0.5, output: 1.5 },
    'databricks-meta-llama-3-3-70b-instruct': { input: 0.5, output: 1.5, context: 128_000 },
    'databricks-meta-llama-3-1-8b-instruct': { input: 0.15, output: 0.45, context: 128_000 },
    'databricks-gpt-oss-120b': { input: 0.15, output: 0.6, context: 128_000 },
    'databricks-gpt-oss-20b': { input: 0.07, output: 0.3, context: 128_000 },
    'databricks-gemma-3-12b': { input: 0.15, output: 0.5, context: 128_000 },
    'databricks-qwen3-next-80b-a3b-instruct': { input: 0.15, output: 1.2 },
    'databricks-glm-5-3': { input: 1.4, cacheRead: 0.26, output: 4.4, context: 1_048_576 },
    'databricks-kimi-k3': { input: 3, cacheRead: 0.3, output: 15, context: 1_000_000 },
    'databricks-bge-large-en': { input: 0.1, context: 512 },
    'databricks-gte-large-en': { input: 0.13, context: 8192 },
    'databricks-qwen3-embedding-0-6b': { input: 0.02 },
  },
}
