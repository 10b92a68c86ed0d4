import { asNumber, type JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'

/** The counts of an answer, which stand among its other members; undefined when there are none. */
export function readUsage(answer: JsonObject): Usage | undefined {
  const usage: Usage = {}
  const input = asNumber(answer['prompt_eval_count'])
  const output = asNumber(answer['eval_count'])
  if (input !== undefined && input >= 0) usage.inputTokens = input
  if (output !== undefined && output >= 0) usage.outputTokens = output
  return Object.keys(usage).length > 0 ? usage : undefined
}
