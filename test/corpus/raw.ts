import type { JsonObject } from '../../src/core/json.ts'
import { PROMPT, type Question } from './clients/client.ts'

/** The whole answer to a request of the client that speaks `format`, a plain one unless `body` is given, as bytes. */
export async function askRaw(format: string, question: Question, given?: JsonObject): Promise<Buffer> {
  const { path, body: plain } = requestOf(format, question)
  const body = given ? { ...given, ...('model' in plain && { model: plain.model }) } : plain
  const response = await fetch(question.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return Buffer.from(await response.arrayBuffer())
}

function requestOf(format: string, { route: model, stream }: Question): { path: string; body: JsonObject } {
  const messages = [{ role: 'user', content: PROMPT }]
  switch (format) {
    case 'openai-chat': {
      const options = stream ? { stream, stream_options: { include_usage: true } } : {}
      return { path: '/v1/chat/completions', body: { model, messages, ...options } }
    }
    case 'openai-completions': {
      const options = stream ? { stream, stream_options: { include_usage: true } } : {}
      return { path: '/v1/completions', body: { model, prompt: PROMPT, ...options } }
    }
    case 'openai-responses':
      return { path: '/v1/responses', body: { model, input: PROMPT, stream } }
    case 'anthropic-messages':
      return { path: '/v1/messages', body: { model, max_tokens: 1000, messages, stream } }
    case 'cohere-chat':
      return { path: '/v2/chat', body: { model, messages, stream } }
    case 'gemini-generate': {
      const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
      const contents = [{ role: 'user', parts: [{ text: PROMPT }] }]
      return { path: `/v1beta/models/${model}:${method}`, body: { contents } }
    }
    default:
      throw new Error(`no client speaks ${format}`)
  }
}
