import { CohereClientV2, CohereError, type Cohere } from 'cohere-ai'
import { TOOL, type Client, type Conversation, type Place, type Turn } from './client.ts'

/** The `cohere-ai` package, its second API. */
export const cohere: Client = {
  name: 'cohere',
  finishes: { stop: 'COMPLETE', calls: 'TOOL_CALL', length: 'MAX_TOKENS' },
  start,
  statusOfRateLimit: (error) => (error instanceof CohereError ? error.statusCode : undefined),
  async embed({ url, route }, texts) {
    const { embeddings } = await connect(url).embed({
      model: route,
      texts: [...texts],
      inputType: 'search_document',
      embeddingTypes: ['float'],
    })
    return embeddings.float ?? []
  },
}

function connect(url: string): CohereClientV2 {
  return new CohereClientV2({ environment: url, token: 'the-callers-own', maxRetries: 0 })
}

/** What an answer adds up to, whole or streamed. */
interface Answer {
  text: string
  calls: Cohere.ToolCallV2[]
  finish: string
}

function start({ url, route, stream }: Place): Conversation {
  const client = connect(url)
  const messages: Cohere.ChatMessages = []
  const turn = async (): Promise<Turn> => {
    const params = { model: route, messages, tools: [{ type: 'function' as const, function: TOOL }] }
    const answer = stream
      ? await accumulate(await client.chatStream(params))
      : readWhole(await client.chat(params))
    const { text, calls, finish } = answer
    messages.push({ role: 'assistant', ...(calls.length > 0 ? { toolCalls: calls } : { content: text }) })
    return {
      text,
      calls: calls.map(({ id, function: called }) => ({
        id,
        name: called?.name ?? '',
        arguments: JSON.parse(called?.arguments ?? ''),
      })),
      finish,
    }
  }
  return {
    say(text) {
      messages.push({ role: 'user', content: text })
      return turn()
    },
    answer(calls, result) {
      for (const call of calls) messages.push({ role: 'tool', toolCallId: call.id, content: result(call) })
      return turn()
    },
  }
}

function readWhole({ message, finishReason }: Cohere.V2ChatResponse): Answer {
  const text = (message.content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('')
  return { text, calls: message.toolCalls ?? [], finish: finishReason }
}

async function accumulate(events: AsyncIterable<Cohere.V2ChatStreamResponse>): Promise<Answer> {
  const answer: Answer = { text: '', calls: [], finish: '' }
  for await (const event of events) {
    if (event.type === 'content-start' || event.type === 'content-delta') {
      answer.text += event.delta?.message?.content?.text ?? ''
    }
    if (event.type === 'tool-call-start' && event.delta?.message?.toolCalls) {
      answer.calls.push(event.delta.message.toolCalls)
    }
    if (event.type === 'tool-call-delta') {
      const called = answer.calls.at(-1)?.function
      if (called) called.arguments += event.delta?.message?.toolCalls?.function?.arguments ?? ''
    }
    if (event.type === 'message-end') answer.finish = event.delta?.finishReason ?? ''
  }
  return answer
}
