import { CohereClientV2, CohereError, type Cohere } from 'cohere-ai'
import { asObject, asString } from '../../../src/core/json.ts'
import {
  closeCalls,
  nothing,
  numberOf,
  parseArguments,
  textOf,
  type OpenCall,
  type Said,
} from '../expected/reply.ts'
import { PROMPT, type Client, type Question } from './client.ts'

/** The `cohere-ai` package, its second API. */
export const cohereClient: Client = {
  name: 'cohere',
  speaks: 'cohere-chat',
  lacks: ['refusal', 'cacheWrite', 'reasoning'],
  ask: (question) => (question.stream ? streamed(question) : whole(question)),
  failureOf(error) {
    if (!(error instanceof CohereError)) return undefined
    return { status: error.statusCode, message: asString(asObject(error.body)['message']) ?? error.message }
  },
}

function connect({ url }: Question): CohereClientV2 {
  return new CohereClientV2({ environment: url, token: 'a-client-key' })
}

function paramsOf({ route }: Question): Cohere.V2ChatRequest {
  return { model: route, messages: [{ role: 'user', content: PROMPT }] }
}

async function whole(question: Question): Promise<Said> {
  const { message, finishReason, usage } = await connect(question).chat(paramsOf(question), { maxRetries: 0 })
  const said = nothing()
  said.thinking += textOf(message.toolPlan)
  for (const part of message.content ?? []) {
    if (part.type === 'text') said.text += part.text
    else said.thinking += part.thinking
  }
  said.calls = (message.toolCalls ?? []).map(({ function: called }) => ({
    name: called?.name ?? '',
    arguments: parseArguments(called?.arguments ?? ''),
  }))
  readEnd(said, finishReason, usage)
  return said
}

async function streamed(question: Question): Promise<Said> {
  const said = nothing()
  const calls = new Map<number, OpenCall>()
  for await (const event of await connect(question).chatStream(paramsOf(question), { maxRetries: 0 })) {
    if (event.type === 'content-start' || event.type === 'content-delta') {
      const content = event.delta?.message?.content
      said.text += textOf(content?.text)
      said.thinking += textOf(content?.thinking)
    }
    if (event.type === 'tool-plan-delta') said.thinking += textOf(event.delta?.message?.toolPlan)
    if (event.type === 'tool-call-start') {
      const called = event.delta?.message?.toolCalls?.function
      calls.set(event.index ?? 0, { name: textOf(called?.name), json: textOf(called?.arguments) })
    }
    if (event.type === 'tool-call-delta') {
      const open = calls.get(event.index ?? 0)
      if (open) open.json += textOf(event.delta?.message?.toolCalls?.function?.arguments)
    }
    if (event.type === 'message-end') {
      // The SDK has no exception for it; an application sees this.
      if (event.delta?.error !== undefined) throw new CohereError({ message: event.delta.error })
      readEnd(said, event.delta?.finishReason, event.delta?.usage)
    }
  }
  said.calls = closeCalls([...calls.values()])
  return said
}

const FINISHES: Readonly<Record<string, string>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool_calls',
  ERROR_TOXIC: 'content_filter',
}

function readEnd(said: Said, reason = '', usage: Cohere.Usage = {}): void {
  said.finish = FINISHES[reason] ?? reason
  said.usage.input = numberOf(usage.tokens?.inputTokens) + numberOf(asObject(usage.tokens)['image_tokens'])
  said.usage.output = numberOf(usage.tokens?.outputTokens)
  said.usage.cacheRead = numberOf(usage.cachedTokens)
}
