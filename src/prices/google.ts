import { newerClaudes, olderClaudes } from './anthropic.ts'
import { above, type ModelRow, type PriceList } from './row.ts'

const large = { context: 1_048_576 }
const pro = { ...large, longInput: above(200_000, 2, 1.5) }

const geminis: Readonly<Record<string, ModelRow>> = {
  // At twice the price from December 2026 on.
  'gemini-4-argon': { input: 2, cacheRead: 0.1, output: 10, ...large },
  // The flashes of 3.6 and above at twice the price from January 2027 on.
  'gemini-3.8-flash': { input: 0.75, cacheRead: 0.075, output: 3.75, ...large },
  'gemini-3.7-flash': { input: 0.75, cacheRead: 0.075, output: 3.75, ...large },
  'gemini-3.6-flash': { input: 0.75, cacheRead: 0.075, output: 3.75, ...large },
  'gemini-flash-latest': { input: 0.75, cacheRead: 0.075, output: 3.75, ...large },
  'gemini-3.5-flash': { input: 1.5, cacheRead: 0.15, output: 9, ...large },
  'gemini-3.5-flash-lite': { input: 0.3, cacheRead: 0.03, output: 2.5, ...large },
  'gemini-flash-lite-latest': { input: 0.3, cacheRead: 0.03, output: 2.5, ...large },
  'gemini-3.1-pro': { input: 2, cacheRead: 0.2, output: 12, ...pro },
  'gemini-pro-latest': { input: 2, cacheRead: 0.2, output: 12, ...pro },
  'gemini-3.1-flash-lite': { input: 0.25, cacheRead: 0.025, output: 1.5, inputAudio: 0.5, ...large },
  'gemini-3.1-flash-image': { input: 0.5, output: 3, outputImage: 60, ...large },
  'gemini-3-pro': { input: 2, cacheRead: 0.2, output: 12, ...pro },
  'gemini-3-pro-image': { input: 2, output: 12, outputImage: 120, ...large },
  'gemini-3-flash': { input: 0.5, cacheRead: 0.05, output: 3, inputAudio: 1, ...large },
  'gemini-2.5-pro': { input: 1.25, cacheRead: 0.125, output: 10, ...pro },
  'gemini-2.5-flash': { input: 0.3, cacheRead: 0.03, output: 2.5, inputAudio: 1, ...large },
  'gemini-2.5-flash-lite': { input: 0.1, cacheRead: 0.01, output: 0.4, inputAudio: 0.3, ...large },
  'gemini-2.5-flash-image': { input: 0.3, output: 2.5, outputImage: 30, ...large },
  'gemini-2.0-flash': { input: 0.1, cacheRead: 0.025, output: 0.4, inputAudio: 0.7, ...large },
  'gemini-2.0-flash-lite': { input: 0.075, output: 0.3, ...large },
  'gemini-1.5-pro': {
    input: 1.25,
    cacheRead: 0.3125,
    output: 5,
    context: 2_097_152,
    longInput: above(128_000, 2, 2),
  },
  'gemini-1.5-flash': {
    input: 0.075,
    cacheRead: 0.01875,
    output: 0.3,
    ...large,
    longInput: above(128_000, 2, 2),
  },
  'gemini-embedding-001': { input: 0.15, context: 2048 },
  'gemini-embedding-2': { input: 0.2, inputAudio: 6.5, inputImage: 0.45, context: 8192 },
}

export const geminiPrices: PriceList = {
  provider: 'gemini',
  source: 'https://ai.google.dev/gemini-api/docs/pricing',
  asOf: '2026-11-01',
  models: geminis,
}

/** Of the global endpoint: Google asks a tenth more where newer Claude models are to stay in a region. */
export const vertexPrices: PriceList = {
  provider: 'vertex-ai',
  source: 'https://cloud.google.com/vertex-ai/generative-ai/pricing',
  asOf: '2026-11-01',
  models: {
    ...geminis,
    ...olderClaudes,
    ...newerClaudes,
    'gemma-4-26b-a4b-it-maas': { input: 0.15, cacheRead: 0.015, output: 0.6, context: 262_144 },
  },
}
