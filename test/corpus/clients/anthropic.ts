import Anthropic from '@anthropic-ai/sdk'
import { asObject, asString } from '../../../src/core/json.ts'
import { nothing, numberOf, type Said } from '../expected/reply.ts'
import { PROMPT, type Client, type Question } from './client.ts'

/** Overload has a status of its own, and what is not understood is a bad request like others. */
export const ANTHROPIC_STATUSES: Readonly<Record<number, number>> = { 422: 400, 503: 529 }

/** The `@anthropic-ai/sdk` package; its own accumulation of streams. */
export const anthropicClient: Client = {
  name: 'anthropic',
  speaks: 'anthropic-messages',
  lacks: ['reasoning', 'refusal'],
  statuses: ANTHROPIC_STATUSES,
  async ask({ url, route, stream }: Question): Promise<Said> {
    const client = new Anthropic({ baseURL: url, apiKey: 'a-client-key', maxRetries: 0 })
    const params = { model: route, max_tokens: 1000, messages: [{ role: 'user' as const, content: PROMPT }] }
    return readMessage(
      stream ? await client.messages.stream(params).finalMessage() : await client.messages.create(params),
    )
  },
  failureOf(error) {
    if (error instanceof Anthropic.APIError) {
      const status: unknown = error.status
      const { message } = asObject(asObject(error.error)['error'])
      return {
        status: typeof status === 'number' ? status : undefined,
        message: asString(message) ?? error.message,
      }
    }
    return error instanceof Anthropic.AnthropicError
      ? { status: undefined, message: error.message }
      : undefined
  },
}

function readMessage({ content, stop_reason: reason, usage }: Anthropic.Message): Said {
  const said = nothing()
  for (const block of content) {
    if (block.type === 'text') said.text += block.text
    if (block.type === 'thinking') said.thinking += block.thinking
    if (block.type === 'tool_use') said.calls.push({ name: block.name, arguments: block.input })
  }
  said.finish = FINISHES[reason ?? ''] ?? reason ?? ''
  const cacheRead = numberOf(usage.cache_read_input_tokens)
  const cacheWrite = numberOf(usage.cache_creation_input_tokens)
  said.usage = {
    cacheRead,
    cacheWrite,
    input: numberOf(usage.input_tokens) + cacheRead + cacheWrite,
    output: numberOf(usage.output_tokens),
    reasoning: 0,
  }
  return said
}

const FINISHES: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
}
