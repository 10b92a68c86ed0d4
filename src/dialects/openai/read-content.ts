import { asArray, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import { readState, type ModelState } from '../../core/state.ts'

export type TextKind = 'text' | 'thinking' | 'refusal'

/** One entry of a content that is a list. */
export type Said = { kind: TextKind; text: string; state?: ModelState } | { kind: 'media'; image: JsonObject }

/**
 * The content of a message as a list, as Mistral (`thinking`) and Databricks (`reasoning`) have it for models that think.
 * Sources: https://docs.mistral.ai/capabilities/reasoning and
 * https://docs.databricks.com/aws/en/machine-learning/model-serving/query-reason-models
 */
export function readContentList(content: unknown): Said[] {
  return asArray(content).filter(isObject).flatMap(readEntry)
}

function readEntry(entry: JsonObject): Said[] {
  switch (entry['type']) {
    case 'text':
    case 'output_text':
      return [{ kind: 'text', text: asString(entry['text']) ?? '' }]
    case 'refusal':
      return [{ kind: 'refusal', text: asString(entry['refusal']) ?? '' }]
    case 'thinking':
      return readThoughts(entry['thinking'])
    case 'reasoning':
      return readThoughts(entry['summary'])
    case 'image_url':
      return [{ kind: 'media', image: entry }]
    default:
      return []
  }
}

function readThoughts(thoughts: unknown): Said[] {
  if (typeof thoughts === 'string') return [{ kind: 'thinking', text: thoughts }]
  return asArray(thoughts).map((thought) => {
    const { text, signature } = asObject(thought)
    const said: Said = { kind: 'thinking', text: asString(text) ?? '' }
    // Databricks signs thinking of Claude only.
    if (typeof signature === 'string' && signature !== '')
      said.state = readState(signature, 'anthropic').state
    return said
  })
}
