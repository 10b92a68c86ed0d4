import { crc32 } from 'node:zlib'
import type { JsonObject } from '../../src/core/json.ts'
import { IMAGE_URL, PNG, REDACTED, SIGNATURE } from './request-cases.ts'
import { said } from './bedrock-requests.ts'
import type { DialectScenarios, ReplyFixture } from './support.ts'

const USAGE: JsonObject = { inputTokens: 12, outputTokens: 8, totalTokens: 20 }

interface End {
  stopReason?: string
  usage?: JsonObject
}

function answer(content: JsonObject[], { stopReason = 'end_turn', usage = USAGE }: End = {}): ReplyFixture {
  return {
    whole: {
      output: { message: { role: 'assistant', content } },
      stopReason,
      usage,
      metrics: { latencyMs: 7 },
    },
    stream: Buffer.concat([
      beginning(content),
      message('messageStop', { stopReason }),
      message('metadata', { usage, metrics: { latencyMs: 7 } }),
    ]),
  }
}

/** An answer's messages up to its end. */
export function beginning(content: JsonObject[]): Buffer {
  return Buffer.concat([message('messageStart', { role: 'assistant' }), ...content.flatMap(blockMessages)])
}

function blockMessages(block: JsonObject, contentBlockIndex: number): Buffer[] {
  const { start, deltas } = streamed(block)
  return [
    ...(start ? [message('contentBlockStart', { contentBlockIndex, start })] : []),
    ...deltas.map((delta) => message('contentBlockDelta', { contentBlockIndex, delta })),
    message('contentBlockStop', { contentBlockIndex }),
  ]
}

/** A block's beginning, where it is announced, and its pieces. */
function streamed(block: JsonObject): { start?: JsonObject; deltas: JsonObject[] } {
  if ('toolUse' in block) {
    const { input, ...head } = block['toolUse'] as JsonObject
    const json = JSON.stringify(input)
    const pieces = json === '{}' ? [''] : [json.slice(0, 5), json.slice(5)]
    return { start: { toolUse: head }, deltas: pieces.map((input) => ({ toolUse: { input } })) }
  }
  if ('reasoningContent' in block) {
    const { reasoningText, redactedContent = '' } = block['reasoningContent'] as JsonObject
    if (reasoningText === undefined) return { deltas: [{ reasoningContent: { redactedContent } }] }
    const { text = '', signature } = reasoningText as JsonObject
    const signed = signature === undefined ? [] : [{ reasoningContent: { signature } }]
    return { deltas: [{ reasoningContent: { text } }, ...signed] }
  }
  if ('citationsContent' in block) {
    const { content, citations } = block['citationsContent'] as {
      content: JsonObject[]
      citations: JsonObject[]
    }
    return { deltas: [...citations.map((citation) => ({ citation })), ...content] }
  }
  return { deltas: [block] }
}

/** One message of an event stream, padded as Bedrock pads them. */
export function message(event: string, payload: JsonObject, kind: 'event' | 'exception' = 'event'): Buffer {
  const headers = Buffer.concat(
    [
      [`:${kind}-type`, event],
      [':content-type', 'application/json'],
      [':message-type', kind],
    ].map(([name = '', value = '']) =>
      Buffer.concat([
        Buffer.from([name.length]),
        Buffer.from(name),
        Buffer.from([7, 0, value.length]),
        Buffer.from(value),
      ]),
    ),
  )
  const body = Buffer.from(JSON.stringify({ ...payload, p: 'abcdefgh' }))
  const bytes = Buffer.alloc(16 + headers.length + body.length)
  bytes.writeUInt32BE(bytes.length, 0)
  bytes.writeUInt32BE(headers.length, 4)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8)
  headers.copy(bytes, 12)
  body.copy(bytes, 12 + headers.length)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4)
  return bytes
}

const call = (toolUseId: string, name: string, input: JsonObject = {}): JsonObject => ({
  toolUse: { toolUseId, name, input },
})
const thinking = (text: string, more: JsonObject = { signature: SIGNATURE }): JsonObject => ({
  reasoningContent: { reasoningText: { text, ...more } },
})

const weatherCall = call('call_1', 'get_weather', { city: 'Paris' })
const calls: End = { stopReason: 'tool_use' }
const hello = said('Hello.')

export const replies = {
  text: answer([said('Hello there.')]),
  'non-ascii': answer([said('Grüße 👋🏽 – "quoted"\n\ndata: [DONE]\n\nend')]),
  thinking: answer([thinking('Let me think.'), hello]),
  'unsigned-thinking': answer([thinking('Let me think.', {}), hello]),
  'thinking-then-tool': answer([thinking('I need the weather.'), weatherCall], calls),
  'redacted-thinking': answer([{ reasoningContent: { redactedContent: REDACTED } }, hello]),
  'signed-call': answer([weatherCall], calls),
  'signed-text': answer([hello]),
  'tool-call': answer([weatherCall], calls),
  'tool-without-arguments': answer([call('call_1', 'get_time')], calls),
  'text-then-tool': answer([said('I will look.'), weatherCall], calls),
  'parallel-tools': answer([weatherCall, call('call_2', 'get_time')], calls),
  'repeated-tools': answer([weatherCall, call('call_2', 'get_weather', { city: 'Rome' })], calls),
  refusal: answer([said('I cannot help with that.')]),
  length: answer([said('Once upon a')], { stopReason: 'max_tokens' }),
  'stop-sequence': answer([said('One two')], { stopReason: 'stop_sequence' }),
  'content-filter': answer([said('Well,')], { stopReason: 'content_filtered' }),
  structured: answer([said('{"name":"Ada","age":36}')]),
  citations: answer([
    {
      citationsContent: {
        content: [said('Cats are small.')],
        citations: [
          {
            title: 'Cats',
            sourceContent: [said('small animals')],
            location: { web: { url: IMAGE_URL, domain: 'example.com' } },
          },
        ],
      },
    },
  ]),
  media: answer([said('Here:'), { image: { format: 'png', source: { bytes: PNG } } }]),
  logprobs: answer([said('Hi')]),
  'usage-cache': answer([hello], {
    usage: { ...USAGE, totalTokens: 120, cacheReadInputTokens: 70, cacheWriteInputTokens: 30 },
  }),
  'usage-cache-1h': answer([hello], {
    usage: {
      ...USAGE,
      totalTokens: 120,
      cacheWriteInputTokens: 100,
      cacheDetails: [{ ttl: '1h', inputTokens: 100 }],
    },
  }),
  'usage-reasoning': answer([hello], { usage: { ...USAGE, outputTokens: 40 } }),
  empty: answer([]),
} satisfies DialectScenarios['replies']
