import type { Frame, ReplyReader } from '../../core/dialect.ts'
import type { GatewayError } from '../../core/error.ts'
import type { FinishReason, ReplyEvent } from '../../core/events.ts'
import { asArray, asNumber, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import type { Usage } from '../../core/usage.ts'
import { findLastObject } from '../../wire/json-splice.ts'
import { badResponse, parseAnswer, withoutAnswer } from '../openai/answer.ts'
import { readFailure, readStreamError } from './errors.ts'
import { OutputReader } from './read-output.ts'
import { readUsage } from './usage.ts'

/**
 * Reads responses, whole or streamed. Of a stream the last event alone tells usage and end, so that a reader may be shown
 * a stream's head and its end only.
 * Spec: https://platform.openai.com/docs/api-reference/responses-streaming
 */
export class ResponsesReplyReader implements ReplyReader {
  #started = false
  #ended = false
  readonly #output = new OutputReader()

  whole(body: string): ReplyEvent[] {
    const response = parseAnswer(body)
    const failure = readFailure(response)
    if (failure) throw failure
    if (!Array.isArray(response['output'])) throw withoutAnswer(response, 'output')
    if (response['status'] === 'queued' || response['status'] === 'in_progress') {
      throw badResponse('is not finished: it was asked for in the background')
    }
    const events: ReplyEvent[] = []
    this.#finish(response, events)
    return events
  }

  frame({ event: name, data }: Frame): ReplyEvent[] {
    // OpenRouter ends its streams in the manner of chat completions.
    if (this.#ended || data === '[DONE]') return []
    const event = parseAnswer(data)
    const events: ReplyEvent[] = []
    const type = asString(event['type']) ?? name
    switch (type) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        this.#start(asObject(event['response']), events)
        break
      case 'response.completed':
      case 'response.incomplete':
        this.#finish(asObject(event['response']), events)
        break
      case 'response.failed':
      case 'response.cancelled':
        this.#fail(readFailure(asObject(event['response'])) ?? failed(), events)
        break
      case 'error':
        this.#fail(readStreamError(event), events)
        break
      case undefined:
        // Some servers end a stream with an error in the manner of chat completions.
        if (isObject(event['error'])) this.#fail(readStreamError(event), events)
        break
      default:
        this.#content(type, event, events)
    }
    return events
  }

  usage(body: Buffer): Usage | undefined {
    return readUsage(findLastObject(body, 'usage'))
  }

  #content(type: string, event: JsonObject, events: ReplyEvent[]): void {
    const output = this.#output
    const item = asNumber(event['output_index']) ?? 0
    const content = asNumber(event['content_index']) ?? 0
    switch (type) {
      case 'response.output_item.added':
        this.#start({}, events)
        output.start(item, asObject(event['item']), events)
        break
      case 'response.output_item.done':
        this.#start({}, events)
        output.item(item, asObject(event['item']), events)
        break
      case 'response.output_text.delta':
        this.#start({}, events)
        output.delta({ item, content, kind: 'text' }, event, events)
        break
      case 'response.output_text.done':
        output.text({ item, content, kind: 'text' }, event['text'], events)
        break
      case 'response.output_text.annotation.added':
        output.annotation({ item, content, kind: 'text' }, event['annotation'], events)
        break
      case 'response.refusal.delta':
        this.#start({}, events)
        output.delta({ item, content, kind: 'refusal' }, event, events)
        break
      case 'response.reasoning_summary_text.delta':
        this.#start({}, events)
        output.thought('summary', event, events)
        break
      case 'response.reasoning_text.delta':
        this.#start({}, events)
        output.thought('content', event, events)
        break
      case 'response.function_call_arguments.delta':
        output.argument(item, event['delta'], events)
        break
      default:
      // What the finished items say again, and what a later version of the API may add.
    }
  }

  #start(response: JsonObject, events: ReplyEvent[]): void {
    if (this.#started) return
    this.#started = true
    const id = asString(response['id'])
    const model = asString(response['model'])
    const createdAt = asNumber(response['created_at'])
    events.push({
      type: 'reply-start',
      ...(id !== undefined && { id }),
      ...(model !== undefined && { model }),
      ...(createdAt !== undefined && { createdAt }),
    })
  }

  /** A whole response, or the one that ends a stream: what it says again is passed over. */
  #finish(response: JsonObject, events: ReplyEvent[]): void {
    const failure = readFailure(response)
    if (failure) {
      this.#fail(failure, events)
      return
    }
    this.#start(response, events)
    const items = asArray(response['output']).map(asObject)
    if (this.#output.isEmpty)
      for (const [index, item] of items.entries()) this.#output.item(index, item, events)
    this.#output.close(events)
    const reason = this.#reason(response, items)
    const usage = readUsage(response['usage'])
    events.push({ type: 'candidate-end', candidate: 0, reason })
    if (usage) events.push({ type: 'usage', usage })
    events.push({ type: 'reply-end' })
    this.#ended = true
  }

  #fail(error: GatewayError, events: ReplyEvent[]): void {
    this.#ended = true
    events.push({ type: 'error', error })
  }

  #reason(response: JsonObject, items: readonly JsonObject[]): FinishReason {
    if (response['status'] === 'incomplete') {
      const reason = asString(asObject(response['incomplete_details'])['reason'])
      return reason === undefined || reason === 'max_output_tokens' ? 'length' : reason
    }
    // A reader that was shown only the end has seen no calls.
    const hasCalls =
      this.#output.hasCalls ||
      items.some(({ type }) => type === 'function_call' || type === 'custom_tool_call')
    return hasCalls ? 'tool_calls' : 'stop'
  }
}

function failed(): GatewayError {
  return readStreamError({ error: 'The provider failed while answering.' })
}
