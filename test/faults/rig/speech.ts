import { asArray, asNumber, asObject, asString, isObject, type JsonObject } from '../../../src/core/json.ts'
import type { WireDialect } from './wire-bodies.ts'

/** How an application of one dialect asks, and how it knows a proper answer. */
export interface Speech {
  path(route: string, stream: boolean): string
  body(route: string, prompt: string, stream: boolean): unknown
  /** The text of a whole answer, or what is wrong with it. */
  whole(body: JsonObject): Reading
  /** The text of a stream's events, or what is wrong with them. */
  stream(events: readonly StreamEvent[]): Reading
  /** The message of an error, whole or as an event; undefined when it is not in the dialect's shape. */
  error(body: JsonObject): string | undefined
}

/** One event of a stream; `data` is undefined when it is no JSON object. */
export interface StreamEvent {
  readonly name: string
  readonly text: string
  readonly data: JsonObject | undefined
}

/** What an answer says. */
export interface Reading {
  readonly text: string
  /** What makes it no proper answer. */
  readonly problem?: string
}

export const SPEECHES: Readonly<Record<WireDialect, Speech>> = {
  openai: {
    path: () => '/v1/chat/completions',
    body: (model, content, stream) => ({ model, stream, messages: [{ role: 'user', content }] }),
    whole: (body) => {
      const choice = asObject(asArray(body['choices'])[0])
      const text = asString(asObject(choice['message'])['content'])
      const isProper = body['object'] === 'chat.completion' && asString(choice['finish_reason'])
      return reading(text, isProper ? undefined : 'no chat completion')
    },
    stream: (events) => {
      const chunks = events.filter(({ text }) => text !== '[DONE]')
      const choices = chunks.flatMap(({ data }) => asArray(data?.['choices']).map(asObject))
      const text = choices.map(({ delta }) => asString(asObject(delta)['content']) ?? '').join('')
      const isFinished = choices.some((choice) => asString(choice['finish_reason']))
      if (chunks.some(({ data }) => data?.['object'] !== 'chat.completion.chunk'))
        return reading(text, 'an event that is no chunk')
      if (chunks.length !== events.length - 1 || events.at(-1)?.text !== '[DONE]')
        return reading(text, 'no single [DONE] at the end')
      return reading(text, isFinished ? undefined : 'no finish_reason')
    },
    error: ({ error }) => named(error, 'type'),
  },
  anthropic: {
    path: () => '/v1/messages',
    body: (model, content, stream) => ({
      model,
      stream,
      max_tokens: 99,
      messages: [{ role: 'user', content }],
    }),
    whole: (body) => {
      const blocks = asArray(body['content']).map(asObject)
      const text = blocks.map((block) => asString(block['text']) ?? '').join('')
      const isProper = body['type'] === 'message' && asString(body['stop_reason'])
      return reading(text, isProper ? undefined : 'no message')
    },
    stream: (events) => {
      const text = events.map(({ data }) => asString(asObject(data?.['delta'])['text']) ?? '').join('')
      if (events.some(({ name, data }) => data?.['type'] !== name)) return reading(text, 'a misnamed event')
      const order = events.map(({ name }) => LETTERS.get(name) ?? '?').join('')
      return reading(text, /^s(?:bd*e)*m+t$/.test(order) ? undefined : `events in the order ${order}`)
    },
    error: ({ type, error }) => (type === 'error' ? named(error, 'type') : undefined),
  },
  gemini: {
    path: (route, stream) =>
      `/v1beta/models/${route}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: (_route, text) => ({ contents: [{ role: 'user', parts: [{ text }] }] }),
    whole: (body) => {
      const candidate = asObject(asArray(body['candidates'])[0])
      return reading(
        geminiText(body),
        asString(candidate['finishReason']) ? undefined : 'no finished candidate',
      )
    },
    stream: (events) => {
      const text = events.map(({ data = {} }) => geminiText(data)).join('')
      const reasons = events.map(({ data = {} }) =>
        asString(asObject(asArray(data['candidates'])[0])['finishReason']),
      )
      if (events.some(({ data }) => data === undefined))
        return reading(text, 'an event that is no JSON object')
      return reading(text, reasons.some(Boolean) ? undefined : 'no finishReason')
    },
    error: ({ error }) =>
      asNumber(asObject(error)['code']) === undefined ? undefined : named(error, 'status'),
  },
}

/** Letters for the events of a stream of messages, without `ping`. */
const LETTERS: ReadonlyMap<string, string> = new Map([
  ['message_start', 's'],
  ['content_block_start', 'b'],
  ['content_block_delta', 'd'],
  ['content_block_stop', 'e'],
  ['message_delta', 'm'],
  ['message_stop', 't'],
  ['ping', ''],
])

function reading(text: string | undefined, problem: string | undefined): Reading {
  if (text === undefined) return { text: '', problem: problem ?? 'no text' }
  return problem === undefined ? { text } : { text, problem }
}

function named(error: unknown, word: string): string | undefined {
  if (!isObject(error) || asString(error[word]) === undefined) return undefined
  return asString(error['message'])
}

function geminiText(body: JsonObject): string {
  const content = asObject(asObject(asArray(body['candidates'])[0])['content'])
  return asArray(content['parts'])
    .map((part) => asString(asObject(part)['text']) ?? '')
    .join('')
}
