import {
  anthropicAnswer,
  anthropicEnd,
  anthropicEvent,
  anthropicStart,
  anthropicText,
} from '../../support/anthropic-upstream.ts'
import { chunk, completion, DONE, event, finish, usage } from '../../support/openai-upstream.ts'

/** The dialects that the mock provider answers in and the clients speak. */
export type WireDialect = 'openai' | 'anthropic' | 'gemini'

/** How a provider of one dialect writes. */
export interface WireBodies {
  readonly whole: (text: string, model: string) => string
  /** The events before the first content. */
  readonly start: (model: string) => string
  readonly piece: (text: string, model: string) => string
  /** The events after the last content. */
  readonly end: (model: string) => string
  /** A refusal; `retryDelay` is Google's way of `Retry-After`, such as `3s`. */
  readonly error: (status: number, message: string, retryDelay?: string) => string
  /** The event in which a stream fails. */
  readonly errorEvent: (message: string) => string
}

function gemini(text: string, model: string, more: object = {}): object {
  const candidate = { content: { role: 'model', parts: [{ text }] }, index: 0, ...more }
  return { candidates: [candidate], modelVersion: model, responseId: 'answer-1' }
}

const GEMINI_USAGE = { promptTokenCount: 5, candidatesTokenCount: 3, totalTokenCount: 8 }

export const BODIES: Readonly<Record<WireDialect, WireBodies>> = {
  openai: {
    whole: completion,
    start: (model) =>
      event({
        id: 'chatcmpl-1',
        object: 'chat.completion.chunk',
        created: 1_700_000_000,
        model,
        choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
      }),
    piece: chunk,
    end: (model) => finish(model) + usage(model) + DONE,
    error: (status, message) =>
      JSON.stringify({ error: { message, type: 'server_error', code: `${status}` } }),
    errorEvent: (message) => event({ error: { message, type: 'server_error', code: null } }),
  },
  anthropic: {
    whole: (text) => anthropicAnswer(text),
    start: () => anthropicStart(),
    piece: (text) => anthropicText(text),
    end: () => anthropicEnd(),
    error: (status, message) =>
      JSON.stringify({ type: 'error', error: { type: anthropicType(status), message } }),
    errorEvent: (message) => anthropicEvent('error', { error: { type: 'overloaded_error', message } }),
  },
  gemini: {
    whole: (text, model) =>
      JSON.stringify({ ...gemini(text, model, { finishReason: 'STOP' }), usageMetadata: GEMINI_USAGE }),
    start: () => '',
    piece: (text, model) => event(gemini(text, model)),
    end: (model) => event({ ...gemini('', model, { finishReason: 'STOP' }), usageMetadata: GEMINI_USAGE }),
    error: (code, message, retryDelay) => {
      const info = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay }
      const details = retryDelay === undefined ? {} : { details: [info] }
      return JSON.stringify({ error: { code, message, status: 'UNAVAILABLE', ...details } })
    },
    errorEvent: (message) => event({ error: { code: 503, message, status: 'UNAVAILABLE' } }),
  },
}

function anthropicType(status: number): string {
  return ANTHROPIC_TYPES.get(status) ?? 'api_error'
}

/** Source: https://docs.anthropic.com/en/api/errors */
const ANTHROPIC_TYPES: ReadonlyMap<number, string> = new Map([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [529, 'overloaded_error'],
])
