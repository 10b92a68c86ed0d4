import { asObject, asString, type JsonObject } from '../../core/json.ts'
import { readState, writeState, type ModelState } from '../../core/state.ts'
import { DIALECT } from './dialect-name.ts'

/**
 * The signature that Gemini puts on a call or a text, where Google's own OpenAI compatibility has it; an untagged one is
 * Gemini's. Source: https://ai.google.dev/gemini-api/docs/thought-signatures#openai
 */
export function readThoughtSignature(holder: JsonObject): ModelState | undefined {
  const text = asString(asObject(asObject(holder['extra_content'])['google'])['thought_signature'])
  if (text === undefined || text === '') return undefined
  const { state } = readState(text, GEMINI)
  return state
}

/** The other way. It is tagged for clients, so that what they send back is never taken for a provider's own. */
export function writeThoughtSignature(state: ModelState): JsonObject {
  return { extra_content: { google: { thought_signature: writeState(state, DIALECT) } } }
}

/** The same for Google, which takes only its own. */
export function ownThoughtSignature(state: ModelState): JsonObject | undefined {
  if (state.dialect !== GEMINI) return undefined
  return { extra_content: { google: { thought_signature: state.data } } }
}

const GEMINI = 'gemini'
