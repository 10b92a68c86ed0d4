import { asArray, asObject, asString, type JsonObject } from '../../core/json.ts'
import { textOf, type MockChat } from './chat-request.ts'
import type { Digest } from './random.ts'
import { valueFor } from './schema-value.ts'
import { answerTo, type Answerer } from './text.ts'
import { countTokens, splitTokens } from './tokens.ts'
import { chooseCalls, hintsOf, lastResults, type ToolCall } from './tools.ts'
import { keyWords } from './words.ts'

/** Everything the mock says to one chat request, before it is written as JSON or as a stream. */
export interface ChatAnswer {
  id: string
  /** Seconds since 1970, made up from the request. */
  created: number
  model: string
  fingerprint: string
  candidates: readonly Candidate[]
  promptTokens: number
  completionTokens: number
}

/** One of the answers to a request. Every piece is one token. */
export interface Candidate {
  pieces: readonly Piece[]
  finish: 'stop' | 'length' | 'tool_calls'
}

/** A piece of text, the head of a call, or a piece of a call's arguments. */
export type Piece = string | { call: number; id: string; name: string } | { call: number; arguments: string }

/** Tokens that the frame of a message takes, as in OpenAI's own counting guide. */
const TOKENS_PER_MESSAGE = 3
const LOOKED_AT = 2000

/** Thinks up the answer. `said` decides what is said, `request` the ids. */
export function answerChat(
  chat: MockChat,
  digests: { said: Digest; request: Digest },
  settings: { model: string; reply: string | undefined },
): ChatAnswer {
  const candidates = thinkUp(chat, digests.said, settings.reply)
  const ids = digests.request.random('ids')
  return {
    id: `chatcmpl-${ids.id(29)}`,
    created: 1_735_689_600 + ids.below(31_536_000),
    model: settings.model,
    fingerprint: `fp_${ids.id(10).toLowerCase()}`,
    candidates,
    promptTokens: countPrompt(chat),
    completionTokens: candidates.reduce((total, { pieces }) => total + pieces.length, 0),
  }
}

function thinkUp(chat: MockChat, said: Digest, reply: string | undefined): Candidate[] {
  const results = lastResults(chat.messages)
  const prompt = textOf(chat.messages.findLast(({ role }) => role === 'user') ?? chat.messages.at(-1))
  const indices = Array.from({ length: chat.candidates }, (_, index) => index)
  if (reply !== undefined) return indices.map(() => speak(reply, chat))
  if (results.length === 0) {
    const called = indices.map((index) => chooseCalls(chat, prompt, said.random(`calls ${index}`)))
    if (called[0] !== undefined && called[0].length > 0)
      return called.map((calls) => call(calls, chat.maxTokens))
  }
  const answer = answerTo({ text: prompt, results }, said.random('text'))
  const { schema } = chat
  if (schema) return indices.map((index) => speak(writeJson(schema, { prompt, index, said, answer }), chat))
  return distinct(indices.map(answer)).map((text) => speak(text, chat))
}

/** The texts, with a number behind those that were there before. */
function distinct(texts: readonly string[]): string[] {
  const seen = new Set<string>()
  return texts.map((text, index) => {
    const own = seen.has(text) ? `${text} (answer ${index + 1})` : text
    seen.add(own)
    return own
  })
}

function writeJson(
  schema: JsonObject,
  { prompt, index, said, answer }: { prompt: string; index: number; said: Digest; answer: Answerer },
): string {
  const text = prompt.slice(0, LOOKED_AT)
  if (Object.keys(schema).length === 0)
    return JSON.stringify({ answer: answer(index), keywords: keyWords(text, 4) })
  return JSON.stringify(valueFor(schema, { hints: hintsOf(text), random: said.random(`json ${index}`) }))
}

function speak(text: string, { stops, maxTokens }: MockChat): Candidate {
  const pieces = splitTokens(cutAtStop(text, stops))
  if (pieces.length <= maxTokens) return { pieces, finish: 'stop' }
  return { pieces: pieces.slice(0, maxTokens), finish: 'length' }
}

function cutAtStop(text: string, stops: readonly string[]): string {
  let end = text.length
  for (const stop of stops) {
    const found = text.indexOf(stop)
    if (found >= 0 && found < end) end = found
  }
  return text.slice(0, end)
}

function call(calls: readonly ToolCall[], maxTokens: number): Candidate {
  const pieces = calls.flatMap((made, index): Piece[] => [
    { call: index, id: made.id, name: made.name },
    ...splitTokens(made.arguments).map((text) => ({ call: index, arguments: text })),
  ])
  if (pieces.length <= maxTokens) return { pieces, finish: 'tool_calls' }
  return { pieces: pieces.slice(0, maxTokens), finish: 'length' }
}

function countPrompt({ messages, tools }: MockChat): number {
  let total = TOKENS_PER_MESSAGE
  for (const message of messages) {
    total += TOKENS_PER_MESSAGE + countTokens(textOf(message))
    for (const made of asArray(message['tool_calls'])) {
      const called = asObject(asObject(made)['function'])
      total += countTokens(asString(called['name']) ?? '') + countTokens(asString(called['arguments']) ?? '')
    }
  }
  return tools.length === 0 ? total : total + countTokens(JSON.stringify(tools))
}
