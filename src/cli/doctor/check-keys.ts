import type { ModelConfig } from '../../config/schema.ts'
import { Secret } from '../../core/secret.ts'
import type { Check } from './check.ts'

/** How a provider is asked whether it knows a key, at no cost: for the list of its models. */
interface KeyTest {
  readonly option: string
  readonly baseOption: string
  readonly base: string
  readonly path: string
  readonly headers: (key: string) => Record<string, string>
}

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` })

const TESTS: Readonly<Record<string, KeyTest>> = {
  openai: test('openai', 'https://api.openai.com/v1'),
  anthropic: {
    ...test('anthropic', 'https://api.anthropic.com'),
    path: '/v1/models',
    headers: (key) => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }),
  },
  gemini: {
    ...test('gemini', 'https://generativelanguage.googleapis.com'),
    path: '/v1beta/models',
    headers: (key) => ({ 'x-goog-api-key': key }),
  },
  mistral: test('mistral', 'https://api.mistral.ai/v1'),
  groq: test('groq', 'https://api.groq.com/openai/v1'),
  deepseek: test('deepseek', 'https://api.deepseek.com/v1'),
  xai: test('xai', 'https://api.x.ai/v1'),
  openrouter: { ...test('openrouter', 'https://openrouter.ai/api/v1'), path: '/key' },
  togetherai: test('togetherai', 'https://api.together.xyz/v1'),
  cerebras: test('cerebras', 'https://api.cerebras.ai/v1'),
}

function test(prefix: string, base: string): KeyTest {
  return {
    option: `${prefix}_api_key`,
    baseOption: `${prefix}_api_base`,
    base,
    path: '/models',
    headers: bearer,
  }
}

const ANSWER_MS = 5_000
const MOST_SKEW_MS = 60_000

/** Each key that is used, once, against its provider; and the clock, by what they say the time is. */
export async function checkKeys(models: readonly ModelConfig[]): Promise<Check[]> {
  const asked = new Map<string, Promise<{ check: Check; skewMs: number | undefined }>>()
  for (const { provider, config, unavailable } of models) {
    const known = TESTS[provider]
    const key = known && Reflect.get(config, known.option)
    if (unavailable !== undefined || !known || !(key instanceof Secret)) continue
    if (
      Reflect.get(config, 'openai_api_type') === 'azure' ||
      Reflect.get(config, 'openai_api_type') === 'azuread'
    )
      continue
    const base = Reflect.get(config, known.baseOption)
    const url = `${typeof base === 'string' ? base.replace(/\/$/, '') : known.base}${known.path}`
    const place = `${url} ${key.fingerprint()}`
    if (!asked.has(place)) asked.set(place, ask({ provider, url, headers: known.headers(key.reveal()) }))
  }
  const answers = await Promise.all(asked.values())
  const skews = answers.flatMap(({ skewMs }) => skewMs ?? [])
  return [
    ...answers.map(({ check }) => check),
    ...(skews.length > 0 ? [checkClock(Math.min(...skews.map(Math.abs)))] : []),
  ]
}

async function ask({
  provider,
  url,
  headers,
}: {
  provider: string
  url: string
  headers: Record<string, string>
}): Promise<{ check: Check; skewMs: number | undefined }> {
  const name = `key for ${provider}`
  const response = await fetch(url, {
    headers,
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch(() => undefined)
  await response?.body?.cancel()
  const date = response?.headers.get('date')
  const skewMs = date ? Date.now() - Date.parse(date) : undefined
  const host = new URL(url).host
  if (!response) {
    const fix = 'see whether the network, or a proxy (HTTPS_PROXY), lets it through'
    return { skewMs, check: { name, state: 'warning', seen: `${host} cannot be reached`, fix } }
  }
  if (response.status === 401 || response.status === 403) {
    const fix = `make a new key, and put it where the configuration reads it`
    return { skewMs, check: { name, state: 'failed', seen: `${host} refuses it (${response.status})`, fix } }
  }
  if (!response.ok)
    return { skewMs, check: { name, state: 'warning', seen: `${host} answers ${response.status}` } }
  return { skewMs, check: { name, state: 'ok', seen: `${host} takes it` } }
}

function checkClock(skewMs: number): Check {
  const seconds = Math.round(skewMs / 1000)
  if (skewMs <= MOST_SKEW_MS)
    return { name: 'clock', state: 'ok', seen: `within ${Math.max(1, seconds)} s of the providers'` }
  const fix = 'set it, or let the system follow a time server: budgets, tokens and signatures go by it'
  return { name: 'clock', state: 'failed', seen: `${seconds} s from the providers'`, fix }
}
