import { newerClaudes, olderClaudes } from './anthropic.ts'
import { openAiPrices } from './openai.ts'
import { derive, type ModelRow, type PriceList } from './row.ts'

/** Newer models of others cost their maker's price anywhere (`global.`), and a tenth more within a region. */
const REGIONAL = 1.1

const gpts: Readonly<Record<string, ModelRow>> = Object.fromEntries(
  Object.entries(openAiPrices.models).filter(([name]) => /^gpt-(?:5\.6-|6)/.test(name)),
)

export const bedrockPrices: PriceList = {
  provider: 'bedrock',
  source: 'https://aws.amazon.com/bedrock/pricing/',
  asOf: '2026-11-01',
  models: {
    ...derive(olderClaudes, 'anthropic.'),
    ...derive(newerClaudes, 'anthropic.', REGIONAL),
    ...derive(newerClaudes, 'global.anthropic.'),
    ...derive(gpts, 'openai.', REGIONAL),
    ...derive(gpts, 'global.openai.'),
    'openai.gpt-5.5': { input: 5.5, cacheRead: 0.55, output: 33 },
    'openai.gpt-5.4': { input: 2.75, cacheRead: 0.275, output: 16.5 },
    'openai.gpt-oss-120b-1': { input: 0.15, output: 0.6, context: 128_000 },
    'openai.gpt-oss-20b-1': { input: 0.07, output: 0.3, context: 128_000 },

    'amazon.nova-2-lite': { input: 0.33, cacheRead: 0.0825, output: 2.75, context: 1_000_000 },
    'global.amazon.nova-2-lite': { input: 0.3, cacheRead: 0.075, output: 2.5, context: 1_000_000 },
    'amazon.nova-premier': { input: 2.5, cacheRead: 0.625, output: 12.5, context: 1_000_000 },
    'amazon.nova-pro': { input: 0.8, cacheRead: 0.2, output: 3.2, context: 300_000 },
    'amazon.nova-lite': { input: 0.06, cacheRead: 0.015, output: 0.24, context: 300_000 },
    'amazon.nova-micro': { input: 0.035, cacheRead: 0.00875, output: 0.14, context: 128_000 },
    'amazon.titan-text-express': { input: 0.2, output: 0.6, context: 8192 },
    'amazon.titan-text-lite': { input: 0.15, output: 0.2, context: 4096 },
    'amazon.titan-embed-text-v2': { input: 0.02, context: 8192 },
    'amazon.titan-embed-text-v1': { input: 0.1, context: 8192 },

    'deepseek.r1': { input: 1.35, output: 5.4, context: 128_000 },
    'meta.llama4-maverick-17b-instruct': { input: 0.24, output: 0.97, context: 1_000_000 },
    'meta.llama4-scout-17b-instruct': { input: 0.17, output: 0.66, context: 10_000_000 },
    'meta.llama3-3-70b-instruct': { input: 0.72, output: 0.72, context: 128_000 },
    'meta.llama3-2-90b-instruct': { input: 0.72, output: 0.72, context: 128_000 },
    'meta.llama3-2-11b-instruct': { input: 0.16, output: 0.16, context: 128_000 },
    'meta.llama3-2-3b-instruct': { input: 0.15, output: 0.15, context: 128_000 },
    'meta.llama3-2-1b-instruct': { input: 0.1, output: 0.1, context: 128_000 },
    'meta.llama3-1-70b-instruct': { input: 0.72, output: 0.72, context: 128_000 },
    'meta.llama3-1-8b-instruct': { input: 0.22, output: 0.22, context: 128_000 },
    'mistral.mistral-large-3-675b-instruct': { input: 0.5, output: 1.5, context: 256_000 },
    'mistral.mistral-large-2402': { input: 4, output: 12, context: 32_000 },
    'mistral.pixtral-large-2502': { input: 2, output: 6, context: 128_000 },
    'mistral.mixtral-8x7b-instruct': { input: 0.45, output: 0.7, context: 32_000 },
    'mistral.mistral-7b-instruct': { input: 0.15, output: 0.2, context: 32_000 },
    'moonshotai.kimi-k3': { input: 3.3, cacheRead: 0.33, cacheWrite5m: 4.125, output: 16.5 },
    'global.moonshotai.kimi-k3': { input: 3, cacheRead: 0.3, cacheWrite5m: 3.75, output: 15 },
    'qwen.qwen3-32b': { input: 0.15, output: 0.6, context: 32_000 },
    'qwen.qwen3-coder-30b-a3b': { input: 0.15, output: 0.6, context: 256_000 },
    'qwen.qwen3-coder-480b-a35b': { input: 0.45, output: 1.8, context: 128_000 },
    'writer.palmyra-x5': { input: 0.6, output: 6 },
    'writer.palmyra-x4': { input: 2.5, output: 10, context: 128_000 },
  },
}
