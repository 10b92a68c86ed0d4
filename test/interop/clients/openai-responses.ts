import OpenAI from 'openai'
import { TOOL, type Client, type Conversation, type Place, type Turn } from './client.ts'
import { connect } from './openai-chat.ts'

/** The `openai` package, responses. */
export const openAiResponses: Client = {
  name: 'openai responses',
  finishes: { stop: 'completed', calls: 'completed', length: 'incomplete' },
  start,
  statusOfRateLimit: (error) => (error instanceof OpenAI.RateLimitError ? error.status : undefined),
}

function start({ url, route, stream }: Place): Conversation {
  const client = connect(url)
  const input: OpenAI.Responses.ResponseInputItem[] = []
  const turn = async (): Promise<Turn> => {
    const tools = [{ type: 'function' as const, ...TOOL, parameters: { ...TOOL.parameters }, strict: false }]
    const params = { model: route, input, tools, store: false }
    const response = stream
      ? await client.responses.stream(params).finalResponse()
      : await client.responses.create(params)
    for (const item of response.output) {
      if (item.type === 'message' || item.type === 'function_call' || item.type === 'reasoning')
        input.push(item)
    }
    return {
      text: response.output_text,
      calls: response.output.flatMap((item) =>
        item.type === 'function_call'
          ? { id: item.call_id, name: item.name, arguments: JSON.parse(item.arguments) }
          : [],
      ),
      finish: response.status ?? '',
    }
  }
  return {
    say(text) {
      input.push({ role: 'user', content: text })
      return turn()
    },
    answer(calls, result) {
      for (const call of calls) {
        input.push({ type: 'function_call_output', call_id: call.id, output: result(call) })
      }
      return turn()
    },
  }
}
