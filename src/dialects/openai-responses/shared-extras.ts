import type { ChatRequest } from '../../core/request.ts'
import { DIALECT } from './dialect-name.ts'

/**
 * Fields that chat completions and responses have under the same name and with the same meaning (responses keep
 * `verbosity` inside `text`), so that a request of either API may take them to a provider of the other.
 * Spec: https://platform.openai.com/docs/guides/migrate-to-responses
 */
export const SHARED_EXTRAS: ReadonlySet<string> = new Set([
  'metadata',
  'moderation',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
  'service_tier',
  'store',
  'verbosity',
])

/** Whether a provider that speaks `dialect`, one of OpenAI's two, knows this extra of the request. */
export function knowsExtra(
  { extrasDialect }: ChatRequest,
  name: string,
  dialect: 'openai' | typeof DIALECT,
): boolean {
  if (extrasDialect === undefined || extrasDialect === dialect) return true
  return (extrasDialect === 'openai' || extrasDialect === DIALECT) && SHARED_EXTRAS.has(name)
}
