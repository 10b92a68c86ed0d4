import Anthropic from '@anthropic-ai/sdk'
import { TOOL, type Client, type Conversation, type Place, type Turn } from './client.ts'

/** The `@anthropic-ai/sdk` package. */
export const anthropic: Client = {
  name: 'anthropic',
  finishes: { stop: 'end_turn', calls: 'tool_use', length: 'max_tokens' },
  start,
  statusOfRateLimit: (error) => (error instanceof Anthropic.RateLimitError ? error.status : undefined),
}

function start({ url, route, stream }: Place): Conversation {
  const client = new Anthropic({ baseURL: url, apiKey: 'the-callers-own', maxRetries: 0 })
  const messages: Anthropic.MessageParam[] = []
  const { name, description, parameters } = TOOL
  const tool = { name, description, input_schema: { ...parameters, required: [...parameters.required] } }
  const turn = async (): Promise<Turn> => {
    const params = { model: route, max_tokens: 1000, messages, tools: [tool] }
    const message = stream
      ? await client.messages.stream(params).finalMessage()
      : await client.messages.create(params)
    messages.push({ role: 'assistant', content: message.content })
    return {
      text: message.content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
      calls: message.content.flatMap((block) =>
        block.type === 'tool_use' ? { id: block.id, name: block.name, arguments: block.input } : [],
      ),
      finish: message.stop_reason ?? '',
    }
  }
  return {
    say(text) {
      messages.push({ role: 'user', content: text })
      return turn()
    },
    answer(calls, result) {
      const content = calls.map((call) => ({
        type: 'tool_result' as const,
        tool_use_id: call.id,
        content: result(call),
      }))
      messages.push({ role: 'user', content })
      return turn()
    },
  }
}
