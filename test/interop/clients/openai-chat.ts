import OpenAI from 'openai'
import { TOOL, type Client, type Conversation, type Place, type Turn } from './client.ts'

/** The `openai` package, chat completions. */
export const openAiChat: Client = {
  name: 'openai chat',
  finishes: { stop: 'stop', calls: 'tool_calls', length: 'length' },
  start,
  statusOfRateLimit: (error) => (error instanceof OpenAI.RateLimitError ? error.status : undefined),
  async embed({ url, route }, texts) {
    const { data } = await connect(url).embeddings.create({
      model: route,
      input: [...texts],
      encoding_format: 'float',
    })
    return data.map(({ embedding }) => embedding)
  },
}

export function connect(url: string): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'the-callers-own', maxRetries: 0 })
}

function start({ url, route, stream }: Place): Conversation {
  const client = connect(url)
  const messages: OpenAI.ChatCompletionMessageParam[] = []
  const turn = async (): Promise<Turn> => {
    const params = { model: route, messages, tools: [{ type: 'function' as const, function: { ...TOOL } }] }
    const { choices } = stream
      ? await client.chat.completions.stream(params).finalChatCompletion()
      : await client.chat.completions.create(params)
    const [choice] = choices
    if (!choice) throw new Error('no choice')
    messages.push(choice.message)
    return {
      text: choice.message.content ?? '',
      calls: (choice.message.tool_calls ?? []).flatMap((call) =>
        call.type === 'function'
          ? { id: call.id, name: call.function.name, arguments: JSON.parse(call.function.arguments) }
          : [],
      ),
      finish: choice.finish_reason,
    }
  }
  return {
    say(text) {
      messages.push({ role: 'user', content: text })
      return turn()
    },
    answer(calls, result) {
      for (const call of calls) messages.push({ role: 'tool', tool_call_id: call.id, content: result(call) })
      return turn()
    },
  }
}
