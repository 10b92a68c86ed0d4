import { asArray, asObject, isObject, type JsonObject } from '../../../src/core/json.ts'
import type { Recording } from '../recordings.ts'
import { nothing, numberOf, textOf, type Said } from './reply.ts'

/** What an answer of Ollama's `/api/chat` says, whole or in lines. */
export function readOllama({ bytes }: Recording): Said {
  const said = nothing()
  const lines = bytes.toString('utf8').split('\n')
  for (const line of lines.filter((line) => line.trim() !== '')) {
    const chunk: JsonObject = JSON.parse(line)
    const { content, thinking, tool_calls: calls } = asObject(chunk['message'])
    said.text += textOf(content)
    said.thinking += textOf(thinking)
    for (const call of asArray(calls).filter(isObject)) {
      const { name, arguments: value } = asObject(call['function'])
      said.calls.push({ name: textOf(name), arguments: value ?? {} })
    }
    if (chunk['error'] !== undefined) said.error = textOf(chunk['error'])
    if (chunk['done'] !== true) continue
    const finish = textOf(chunk['done_reason'])
    said.finish = said.calls.length > 0 && finish === 'stop' ? 'tool_calls' : finish
    said.usage.input = numberOf(chunk['prompt_eval_count'])
    said.usage.output = numberOf(chunk['eval_count'])
  }
  return said
}
