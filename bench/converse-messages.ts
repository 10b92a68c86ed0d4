import { crc32 } from 'node:zlib'
import { ANSWER_MARK } from './bodies.ts'

/**
 * A streamed Converse answer of `count` pieces of text as messages of an AWS event stream.
 * Spec: https://docs.aws.amazon.com/lexv2/latest/dg/event-stream-encoding.html
 */
export function converseMessages(count: number): { pieces: Buffer[]; last: Buffer } {
  const pieces = Array.from({ length: count }, (_, index) =>
    message('contentBlockDelta', {
      contentBlockIndex: 0,
      delta: { text: index === 0 ? ANSWER_MARK : ` token${index}` },
    }),
  )
  const stop = message('contentBlockStop', { contentBlockIndex: 0 })
  const end = message('messageStop', { stopReason: 'end_turn' })
  const usage = { inputTokens: 200, outputTokens: 199, totalTokens: 399 }
  const metadata = message('metadata', { usage, metrics: { latencyMs: 1 } })
  const start = message('messageStart', { role: 'assistant' })
  return { pieces: [start, ...pieces], last: Buffer.concat([stop, end, metadata]) }
}

function message(event: string, payload: object): Buffer {
  const headers = Buffer.concat([
    header(':event-type', event),
    header(':content-type', 'application/json'),
    header(':message-type', 'event'),
  ])
  const body = Buffer.from(JSON.stringify({ ...payload, p: 'abcdefghijklmn' }))
  const bytes = Buffer.alloc(12 + headers.length + body.length + 4)
  bytes.writeUInt32BE(bytes.length, 0)
  bytes.writeUInt32BE(headers.length, 4)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8)
  headers.copy(bytes, 12)
  body.copy(bytes, 12 + headers.length)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4)
  return bytes
}

/** A header of type 7, a string. */
function header(name: string, value: string): Buffer {
  const bytes = Buffer.alloc(1 + name.length + 3 + value.length)
  bytes.writeUInt8(name.length, 0)
  bytes.write(name, 1)
  bytes.writeUInt8(7, 1 + name.length)
  bytes.writeUInt16BE(value.length, 2 + name.length)
  bytes.write(value, 4 + name.length)
  return bytes
}
