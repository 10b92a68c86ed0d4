import { above, type PriceList } from './row.ts'

export const moonshotPrices: PriceList = {
  provider: 'moonshot',
  source: 'https://platform.kimi.ai/docs/pricing/chat',
  asOf: '2026-11-01',
  models: {
    'kimi-k3.1-pro': {
      input: 2,
      cacheRead: 0.2,
      cacheWrite5m: 2,
      cacheWrite1h: 4,
      output: 10,
      context: 1_048_576,
    },
    'kimi-k3': {
      input: 3,
      cacheRead: 0.3,
      cacheWrite5m: 3,
      cacheWrite1h: 6,
      output: 15,
      context: 1_048_576,
    },
    'kimi-k2.7-code': { input: 0.95, cacheRead: 0.19, output: 4, context: 262_144 },
    'kimi-k2.7-code-highspeed': { input: 1.9, cacheRead: 0.38, output: 8, context: 262_144 },
    'kimi-k2.6': { input: 0.95, cacheRead: 0.16, output: 4, context: 262_144 },
    'kimi-k2.5': { input: 0.6, cacheRead: 0.1, output: 3, context: 262_144 },
    'kimi-k2': { input: 0.6, cacheRead: 0.15, output: 2.5, context: 262_144 },
    'kimi-k2-thinking': { input: 0.6, cacheRead: 0.15, output: 2.5, context: 262_144 },
    'kimi-k2-turbo': { input: 1.15, cacheRead: 0.15, output: 8, context: 262_144 },
    'moonshot-v1-128k': { input: 2, output: 5, context: 131_072 },
    'moonshot-v1-32k': { input: 1, output: 3, context: 32_768 },
    'moonshot-v1-8k': { input: 0.2, output: 2, context: 8192 },
  },
}

export const zaiPrices: PriceList = {
  provider: 'zai',
  source: 'https://docs.z.ai/guides/overview/pricing',
  asOf: '2026-11-01',
  models: {
    'glm-5.3': { input: 1.4, cacheRead: 0.26, output: 4.4, context: 1_000_000 },
    'glm-5.3-flash': { input: 0.15, cacheRead: 0.03, output: 0.5, context: 1_000_000 },
    'glm-5.3-flashx': { input: 0.37, cacheRead: 0.075, output: 1.25 },
    'glm-5.2': { input: 1.4, cacheRead: 0.26, output: 4.4, context: 1_000_000 },
    'glm-5.1': { input: 1.4, cacheRead: 0.26, output: 4.4 },
    'glm-5': { input: 1, cacheRead: 0.2, output: 3.2 },
    'glm-4.7': { input: 0.6, cacheRead: 0.11, output: 2.2 },
    'glm-4.7-flashx': { input: 0.07, cacheRead: 0.01, output: 0.4 },
    'glm-4.6': { input: 0.6, cacheRead: 0.11, output: 2.2 },
    'glm-4.6v': { input: 0.3, cacheRead: 0.05, output: 0.9, context: 128_000 },
    'glm-4.5': { input: 0.6, cacheRead: 0.11, output: 2.2 },
    'glm-4.5-x': { input: 2.2, cacheRead: 0.45, output: 8.9 },
    'glm-4.5-air': { input: 0.2, cacheRead: 0.03, output: 1.1 },
    'glm-4.5-airx': { input: 1.1, cacheRead: 0.22, output: 4.5 },
    'glm-4.5v': { input: 0.6, cacheRead: 0.11, output: 1.8 },
  },
}

/** Of the international endpoint. The price of thinking differs from that of answers for some models. */
export const dashScopePrices: PriceList = {
  provider: 'dashscope',
  source: 'https://www.alibabacloud.com/help/en/model-studio/model-pricing',
  asOf: '2026-01-15',
  models: {
    'qwen3-max': {
      input: 1.2,
      output: 6,
      context: 262_144,
      longInput: [...above(32_000, 2, 2), ...above(128_000, 2.5, 2.5)],
    },
    'qwen-max': { input: 1.6, output: 6.4, context: 32_768 },
    'qwen-plus': { input: 0.4, output: 1.2, reasoning: 4, context: 131_072 },
    'qwen-flash': { input: 0.05, output: 0.4, context: 1_000_000 },
    'qwen-turbo': { input: 0.05, output: 0.2, context: 131_072 },
    'qwen3-coder-plus': { input: 1, output: 5 },
    'qwen3-coder-flash': { input: 0.3, output: 1.5 },
    'qwq-plus': { input: 0.8, output: 2.4, context: 131_072 },
  },
}
