import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  attemptOf,
  receive,
  scriptedProvider,
  temporaryDirectory,
  type Script,
} from '../../../test/support/scripted-provider.ts'
import type { UpstreamFormat } from '../../core/dialect.ts'
import { GatewayError } from '../../core/error.ts'
import type { Attempt, Provider } from '../../core/provider.ts'
import { anthropicMessages } from '../../dialects/anthropic/index.ts'
import { bedrockConverse } from '../../dialects/bedrock/index.ts'
import { cohereRerank } from '../../dialects/cohere/index.ts'
import { geminiGenerate } from '../../dialects/gemini/index.ts'
import { openAiChat, openAiEmbeddings } from '../../dialects/openai/index.ts'
import { recordTraffic } from '../../gateway/recording/record-traffic.ts'
import { replayProvider } from './index.ts'

const formats = [
  openAiChat,
  openAiEmbeddings,
  anthropicMessages,
  geminiGenerate,
  bedrockConverse,
  cohereRerank,
]
const definition = replayProvider(formats)

const SSE = 'text/event-stream'
const AWS = 'application/vnd.amazon.eventstream'

const TEXT = 'grün 👋'

const openAiStream = Buffer.from(
  `data: {"choices":[{"index":0,"delta":{"content":"${TEXT}"}}]}\n\ndata: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`,
)
const anthropicStream = Buffer.from(
  `event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":1}}}\n\nevent: ping\ndata: {"type":"ping"}\n\n`,
)
const geminiStream = Buffer.from(`data: {"candidates":[{"content":{"parts":[{"text":"${TEXT}"}]}}]}\r\n\r\n`)
const bedrockStream = Buffer.concat([
  awsEvent('messageStart', '{"role":"assistant"}'),
  awsEvent('contentBlockDelta', `{"contentBlockIndex":0,"delta":{"text":"${TEXT}"}}`),
])

describe('what was recorded comes back byte for byte', () => {
  const cases: [what: string, format: UpstreamFormat, script: Script, stream: boolean][] = [
    ['OpenAI, whole', openAiChat, { chunks: [`{"choices":["${TEXT}"]}`] }, false],
    ['OpenAI, streamed', openAiChat, { contentType: SSE, chunks: cut(openAiStream, 7) }, true],
    ['OpenAI, embeddings', openAiEmbeddings, { chunks: ['{"data":[{"embedding":[0.1]}]}'] }, false],
    ['Anthropic, whole', anthropicMessages, { chunks: ['{"content":', '[]}'] }, false],
    ['Anthropic, streamed', anthropicMessages, { contentType: SSE, chunks: cut(anthropicStream, 11) }, true],
    ['Gemini, whole', geminiGenerate, { chunks: ['{ "usageMetadata" : {} }\n'] }, false],
    ['Gemini, streamed', geminiGenerate, { contentType: SSE, chunks: cut(geminiStream, 5) }, true],
    ['Bedrock, whole', bedrockConverse, { chunks: ['{"stopReason":"end_turn"}'] }, false],
    ['Bedrock, streamed', bedrockConverse, { contentType: AWS, chunks: cut(bedrockStream, 13) }, true],
    ['Cohere, reranking', cohereRerank, { chunks: ['{"results":[]}'] }, false],
    ['an empty answer', openAiChat, { chunks: [] }, false],
    [
      'a 429',
      openAiChat,
      { status: 429, retryAfter: '7', chunks: ['{"error":{"message":"slow down"}}'] },
      false,
    ],
  ]

  test.each(cases)('%s', async (_what, format, script, stream) => {
    const { live, replayed } = await recordAndReplay(format, { script, stream })
    const asked = attemptOf(replayed, BODY, { stream })
    const [was, is] = [await receive(live, attemptOf(live, BODY, { stream })), await receive(replayed, asked)]
    expect(is.body.equals(was.body)).toBe(true)
    expect(is.chunks).toEqual(was.chunks)
    const { status, contentType, retryAfter, requestId } = was.reply
    expect(is.reply).toMatchObject({ status, contentType, requestId })
    expect(is.reply.retryAfter).toBe(retryAfter)
    expect(is.reply.headers).toMatchObject({ 'retry-after-ms': '10' })
    expect(is.error).toBeUndefined()
  })
})

test.each([
  ['cut', 'truncated', 502],
  ['late', 'timeout', 504],
] as const)('a stream that was %s ends so again, after the same bytes', async (_how, kind, status) => {
  const failure = new GatewayError('it broke', { kind, status })
  const script = { contentType: SSE, chunks: cut(openAiStream, 9).slice(0, 5), cut: failure }
  const { replayed } = await recordAndReplay(openAiChat, { script, stream: true })
  const { chunks, error } = await receive(replayed, attemptOf(replayed, BODY, { stream: true }))
  expect(chunks).toEqual(script.chunks)
  expect(error).toMatchObject({ kind, status, message: 'it broke' })
})

test('a provider that could not be reached cannot be reached again', async () => {
  const refusal = new GatewayError('no way', { kind: 'connect', status: 502 })
  const { replayed } = await recordAndReplay(openAiChat, { script: { refusal }, stream: false })
  await expect(replayed.send(attemptOf(replayed, BODY))).rejects.toMatchObject({
    kind: 'connect',
    status: 502,
    message: 'no way',
  })
})

test('an answer that nobody read to its end breaks off, unless there is a whole one', async () => {
  const path = temporaryDirectory()
  const live = recordTraffic(scriptedProvider(openAiChat, { chunks: ['{}'] }), {
    path,
    route: 'r',
    target: 't',
  })
  const reply = await live.send(attemptOf(live, BODY))
  reply.body.cancel()
  await live.close()
  const half = definition.create({ model: null, config: { path } })
  expect((await receive(half, attemptOf(half, BODY))).error).toMatchObject({ kind: 'truncated' })
  await receive(live, attemptOf(live, BODY))
  await live.close()
  const whole = definition.create({ model: null, config: { path } })
  for (let i = 0; i < 2; i++) expect((await receive(whole, attemptOf(whole, BODY))).error).toBeUndefined()
})

const BODY = '{"messages":[{"role":"user","content":"hi"}]}'

/** The live provider, and the replay of one exchange with it. */
async function recordAndReplay(
  format: UpstreamFormat,
  { script, stream }: { script: Script } & Pick<Attempt, 'stream'>,
): Promise<{ live: Provider; replayed: Provider }> {
  const path = temporaryDirectory()
  const live = scriptedProvider(format, script)
  const recorded = recordTraffic(live, { path, route: 'r', target: 't' })
  await receive(recorded, attemptOf(recorded, BODY, { stream })).catch(() => undefined)
  await recorded.close()
  return { live, replayed: definition.create({ model: null, config: { path } }) }
}

/** Pieces of so many bytes, whatever they cut through. */
function cut(bytes: Buffer, size: number): Buffer[] {
  const count = Math.ceil(bytes.length / size)
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
}

/** One message of an AWS event stream. */
function awsEvent(name: string, payload: string): Buffer {
  const headers = Buffer.concat([awsHeader(':event-type', name), awsHeader(':message-type', 'event')])
  const body = Buffer.from(payload)
  const bytes = Buffer.alloc(16 + headers.length + body.length)
  bytes.writeUInt32BE(bytes.length, 0)
  bytes.writeUInt32BE(headers.length, 4)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8)
  headers.copy(bytes, 12)
  body.copy(bytes, 12 + headers.length)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4)
  return bytes
}

function awsHeader(name: string, value: string): Buffer {
  const size = Buffer.from([7, value.length >> 8, value.length & 255])
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), size, Buffer.from(value)])
}
