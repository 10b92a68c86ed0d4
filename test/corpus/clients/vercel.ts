import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { APICallError, generateText, streamText, type LanguageModel } from 'ai'
import { asString, isObject } from '../../../src/core/json.ts'
import { nothing, numberOf, type Said } from '../expected/reply.ts'
import { ANTHROPIC_STATUSES } from './anthropic.ts'
import { PROMPT, type Client, type Question } from './client.ts'

type Connect = (question: Question) => LanguageModel

const apiKey = 'a-client-key'

// It warns of models that it does not know: all of ours.
globalThis.AI_SDK_LOG_WARNINGS = false

/** The Vercel AI SDK, over the dialects of its own packages. */
export const vercelClients: readonly Client[] = [
  vercelClient('openai chat', 'openai-chat', ({ url, route }) =>
    createOpenAI({ baseURL: `${url}/v1`, apiKey }).chat(route),
  ),
  vercelClient('openai responses', 'openai-responses', ({ url, route }) =>
    createOpenAI({ baseURL: `${url}/v1`, apiKey }).responses(route),
  ),
  vercelClient('anthropic', 'anthropic-messages', ({ url, route }) =>
    createAnthropic({ baseURL: `${url}/v1`, apiKey })(route),
  ),
  vercelClient('gemini', 'gemini-generate', ({ url, route }) =>
    createGoogleGenerativeAI({ baseURL: `${url}/v1beta`, apiKey })(route),
  ),
]

function vercelClient(name: string, speaks: string, connect: Connect): Client {
  return {
    name: `ai-sdk ${name}`,
    speaks,
    lacks: ['refusal', 'cacheWrite', 'reasoning', ...(speaks === 'openai-chat' ? ['thinking' as const] : [])],
    ...(speaks === 'anthropic-messages' && { statuses: ANTHROPIC_STATUSES }),
    ask: async (question) => (question.stream ? streamed(connect(question)) : whole(connect(question))),
    failureOf(error) {
      if (APICallError.isInstance(error)) return { status: error.statusCode, message: error.message }
      // In a stream it hands on the provider's own object.
      const message = asString(isObject(error) ? error['message'] : undefined)
      return message === undefined ? undefined : { status: undefined, message }
    },
  }
}

async function whole(model: LanguageModel): Promise<Said> {
  const result = await generateText({ model, prompt: PROMPT, maxRetries: 0 })
  return toSaid(result)
}

async function streamed(model: LanguageModel): Promise<Said> {
  let failure: unknown
  const result = streamText({
    model,
    prompt: PROMPT,
    maxRetries: 0,
    onError: ({ error }) => {
      failure = error
    },
  })
  await result.consumeStream()
  if (failure !== undefined) throw failure
  return toSaid({
    text: await result.text,
    reasoningText: await result.reasoningText,
    toolCalls: await result.toolCalls,
    finishReason: await result.finishReason,
    usage: await result.usage,
  })
}

interface Result {
  text: string
  reasoningText: string | undefined
  toolCalls: readonly { toolName: string; input: unknown; providerExecuted?: boolean | undefined }[]
  finishReason: string
  usage: Awaited<ReturnType<typeof generateText>>['usage']
}

function toSaid({ text, reasoningText = '', toolCalls, finishReason, usage }: Result): Said {
  return {
    ...nothing(),
    text,
    thinking: reasoningText,
    calls: toolCalls
      .filter(({ providerExecuted = false }) => !providerExecuted)
      .map(({ toolName, input }) => ({ name: toolName, arguments: input })),
    finish: finishReason.replaceAll('-', '_'),
    usage: {
      input: numberOf(usage.inputTokens),
      output: numberOf(usage.outputTokens),
      cacheRead: numberOf(usage.inputTokenDetails.cacheReadTokens),
      cacheWrite: 0,
      reasoning: 0,
    },
  }
}
