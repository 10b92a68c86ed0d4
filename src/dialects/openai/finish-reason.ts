import type { CandidateEnd } from '../../core/events.ts'
import { asString, type JsonObject } from '../../core/json.ts'
import { DIALECT } from './dialect-name.ts'

/** Words of compatible servers for OpenAI's. */
const REASONS: Readonly<Record<string, string>> = {
  tool_call: 'tool_calls',
  function_call: 'tool_calls',
  eos: 'stop',
  eos_token: 'stop',
  stop_sequence: 'stop',
  end_turn: 'stop',
  max_tokens: 'length',
  model_length: 'length',
}

/** How a choice ended; undefined while it goes on. Several servers say `stop` beside tool calls. */
export function readEnd(choice: JsonObject, hasCalls: boolean): CandidateEnd | undefined {
  const word = asString(choice['finish_reason'])
  if (word === undefined || word === '') return undefined
  const meant = REASONS[word] ?? word
  const reason = meant === 'stop' && hasCalls ? 'tool_calls' : meant
  const stopSequence = meant === 'stop' ? readStopSequence(choice) : undefined
  return {
    reason,
    ...(stopSequence !== undefined && { stopSequence }),
    ...(reason !== word && { native: { dialect: DIALECT, reason: word } }),
  }
}

/** vLLM's word for it, and SGLang's. Tokens are numbers there, and some servers repeat their finish reason. */
function readStopSequence(choice: JsonObject): string | undefined {
  const sequence = asString(choice['stop_reason']) ?? asString(choice['matched_stop'])
  return sequence === undefined || sequence === 'stop' || sequence in REASONS ? undefined : sequence
}
