import { asObject, asString, type JsonObject } from '../../core/json.ts'
import { readState, writeState, type ModelState } from '../../core/state.ts'

/**
 * The signature on a tool call, as Google's own OpenAI-compatible API has it.
 * Spec: https://ai.google.dev/gemini-api/docs/thought-signatures#openai
 */
export function readCallState(call: JsonObject): ModelState | undefined {
  const signature = asString(asObject(asObject(call['extra_content'])['google'])['thought_signature'])
  return signature === undefined ? undefined : readState(signature, 'gemini').state
}

/** The same for a client. It is tagged, so that no request that holds it passes to a provider unread. */
export function writeCallState(state: ModelState | undefined): JsonObject {
  if (!state) return {}
  return { extra_content: { google: { thought_signature: writeState(state, 'openai') } } }
}
