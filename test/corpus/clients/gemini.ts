import { ApiError, GoogleGenAI, type GenerateContentResponse } from '@google/genai'
import { asObject, asString } from '../../../src/core/json.ts'
import { nothing, numberOf, textOf, type Said } from '../expected/reply.ts'
import { PROMPT, type Client, type Question } from './client.ts'

/** The `@google/genai` package. */
export const geminiClient: Client = {
  name: 'gemini',
  speaks: 'gemini-generate',
  lacks: ['refusal', 'cacheWrite'],
  async ask({ url, route, stream }: Question): Promise<Said> {
    const { models } = new GoogleGenAI({ apiKey: 'a-client-key', httpOptions: { baseUrl: url } })
    const params = { model: route, contents: PROMPT }
    const said = nothing()
    if (stream) for await (const chunk of await models.generateContentStream(params)) readChunk(said, chunk)
    else readChunk(said, await models.generateContent(params))
    said.finish = finishOf(said)
    return said
  },
  failureOf(error) {
    if (!(error instanceof ApiError)) return undefined
    return { status: error.status, message: messageIn(error.message) }
  },
}

/** The SDK puts the whole body into its message. */
function messageIn(body: string): string {
  try {
    return asString(asObject(asObject(JSON.parse(body))['error'])['message']) ?? body
  } catch {
    return body
  }
}

function readChunk(
  said: Said,
  { candidates, usageMetadata: counts, promptFeedback }: GenerateContentResponse,
): void {
  const candidate = candidates?.find(({ index = 0 }) => index === 0)
  for (const part of candidate?.content?.parts ?? []) {
    if (part.thought) said.thinking += textOf(part.text)
    else said.text += textOf(part.text)
    if (part.functionCall) {
      said.calls.push({ name: part.functionCall.name ?? '', arguments: part.functionCall.args ?? {} })
    }
  }
  if (promptFeedback?.blockReason) said.finish = 'SAFETY'
  said.finish = candidate?.finishReason ?? said.finish
  if (!counts) return
  const reasoning = numberOf(counts.thoughtsTokenCount)
  said.usage = {
    reasoning,
    input: numberOf(counts.promptTokenCount) + numberOf(counts.toolUsePromptTokenCount),
    output: numberOf(counts.candidatesTokenCount) + reasoning,
    cacheRead: numberOf(counts.cachedContentTokenCount),
    cacheWrite: 0,
  }
}

const FILTERED: ReadonlySet<string> = new Set(
  'SAFETY RECITATION BLOCKLIST PROHIBITED_CONTENT SPII IMAGE_SAFETY MODEL_ARMOR'.split(' '),
)

function finishOf({ finish, calls }: Said): string {
  if (FILTERED.has(finish)) return 'content_filter'
  if (finish === 'MAX_TOKENS') return 'length'
  if (finish !== 'STOP') return finish
  return calls.length > 0 ? 'tool_calls' : 'stop'
}
