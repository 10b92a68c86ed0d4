import { asArray, asObject, isObject, type JsonObject } from '../../../src/core/json.ts'
import type { Recording } from '../recordings.ts'
import { readAnthropic, readAnthropicEvents } from './anthropic.ts'
import {
  argumentsText,
  bodyOf,
  closeCalls,
  nothing,
  numberOf,
  textOf,
  type OpenCall,
  type Said,
} from './reply.ts'

/** What an answer of `converse` says. */
export function readConverse(recording: Recording): Said {
  const said = nothing()
  const { output, stopReason, usage } = bodyOf(recording)
  const calls: OpenCall[] = []
  for (const block of asArray(asObject(asObject(output)['message'])['content']).filter(isObject)) {
    said.text += textOf(block['text'])
    said.text += citedText(block)
    said.thinking += textOf(asObject(asObject(block['reasoningContent'])['reasoningText'])['text'])
    if (isCall(block['toolUse'])) {
      calls.push({ name: textOf(block['toolUse']['name']), json: argumentsText(block['toolUse']['input']) })
    }
  }
  said.calls = closeCalls(calls)
  said.finish = finishOf(stopReason)
  readUsage(said, asObject(usage))
  return said
}

/** Tools that the model runs itself are no calls to the client. */
function isCall(use: unknown): use is JsonObject {
  return isObject(use) && use['type'] !== 'server_tool_use'
}

function citedText(block: JsonObject): string {
  const parts = asArray(asObject(block['citationsContent'])['content'])
  return parts.map((part) => textOf(asObject(part)['text'])).join('')
}

/** What an answer of `converse-stream` says. */
export function readConverseStream({ bytes }: Recording): Said {
  const said = nothing()
  const calls = new Map<unknown, OpenCall>()
  for (const { headers, payload } of messagesOf(bytes)) {
    const event: JsonObject = JSON.parse(payload)
    if (headers[':message-type'] === 'exception') said.error = textOf(event['message'])
    switch (headers[':event-type']) {
      case 'contentBlockStart': {
        const { toolUse } = asObject(event['start'])
        if (isCall(toolUse))
          calls.set(event['contentBlockIndex'], { name: textOf(toolUse['name']), json: '' })
        break
      }
      case 'contentBlockDelta': {
        const { text, toolUse, reasoningContent } = asObject(event['delta'])
        said.text += textOf(text)
        said.thinking += textOf(asObject(reasoningContent)['text'])
        const call = calls.get(event['contentBlockIndex'])
        if (call) call.json += textOf(asObject(toolUse)['input'])
        break
      }
      case 'messageStop':
        said.finish = finishOf(event['stopReason'])
        break
      case 'metadata':
        readUsage(said, asObject(event['usage']))
        break
    }
  }
  said.calls = closeCalls([...calls.values()])
  return said
}

const FINISHES: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  guardrail_intervened: 'content_filter',
  content_filtered: 'content_filter',
}

function finishOf(reason: unknown): string {
  return FINISHES[textOf(reason)] ?? textOf(reason)
}

function readUsage({ usage }: Said, counts: JsonObject): void {
  usage.cacheRead = numberOf(counts['cacheReadInputTokens'])
  usage.cacheWrite = numberOf(counts['cacheWriteInputTokens'])
  usage.input = numberOf(counts['inputTokens']) + usage.cacheRead + usage.cacheWrite
  usage.output = numberOf(counts['outputTokens'])
}

/** What an answer of `invoke` says, of a model that speaks Claude's API: its events are wrapped in Amazon's. */
export function readInvoke(recording: Recording): Said {
  if (!recording.isStream) return readAnthropic(recording)
  const events = messagesOf(recording.bytes).map(({ payload }): JsonObject => {
    const { bytes } = asObject(JSON.parse(payload))
    return JSON.parse(Buffer.from(textOf(bytes), 'base64').toString('utf8'))
  })
  return readAnthropicEvents(events)
}

interface StreamMessage {
  headers: Record<string, string>
  payload: string
}

/**
 * The messages of an AWS event stream. All its headers here are strings (type 7).
 * Spec: https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html#streaming-event-stream
 */
export function messagesOf(bytes: Buffer): StreamMessage[] {
  const messages: StreamMessage[] = []
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) {
    const end = at + bytes.readUInt32BE(at)
    const headersEnd = at + 12 + bytes.readUInt32BE(at + 4)
    const headers: Record<string, string> = {}
    for (let place = at + 12; place < headersEnd;) {
      const nameEnd = place + 1 + bytes.readUInt8(place)
      const valueEnd = nameEnd + 3 + bytes.readUInt16BE(nameEnd + 1)
      headers[bytes.toString('utf8', place + 1, nameEnd)] = bytes.toString('utf8', nameEnd + 3, valueEnd)
      place = valueEnd
    }
    messages.push({ headers, payload: bytes.toString('utf8', headersEnd, end - 4) })
  }
  return messages
}
