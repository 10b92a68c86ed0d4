import { expect, test } from 'vitest'
import { readCassette } from './read-cassette.ts'

const FILE = {
  version: 1,
  recordedAt: '2026-01-01T00:00:00.000Z',
  route: 'chat',
  target: 'a',
  provider: 'openai',
  model: 'm',
  format: 'openai-chat',
  operation: 'chat',
  stream: false,
  request: { headers: {}, body: { json: { messages: [] } } },
  reply: { status: 200, headers: { 'content-type': 'application/json' }, chunks: [{ ms: 2, text: '{}' }] },
  ended: { how: 'complete' },
  usage: { inputTokens: 3, outputTokens: 4 },
  ms: { head: 1, firstByte: 2, total: 3 },
}

test('a file is read as it was written', () => {
  expect(readCassette(JSON.stringify(FILE))).toEqual(FILE)
})

test('a failure of a kind that is not known is a failure of the server', () => {
  const { reply: _reply, ...rest } = FILE
  const text = JSON.stringify({ ...rest, ended: { how: 'failed', kind: 'new', status: 503, message: 'x' } })
  expect(readCassette(text).ended).toEqual({ how: 'failed', kind: 'server_error', status: 503, message: 'x' })
})

test.each([
  ['no JSON', '{"version"', 'it is not JSON'],
  ['no object', '[]', 'it is not a JSON object'],
  ['another version', JSON.stringify({ ...FILE, version: 2 }), 'its "version" is not 1'],
  ['no format', JSON.stringify({ ...FILE, format: 1 }), 'its "format" is not a text'],
  ['no end', JSON.stringify({ ...FILE, ended: {} }), 'its "ended.how" is not complete, canceled or failed'],
  [
    'no status',
    JSON.stringify({ ...FILE, reply: { ...FILE.reply, status: 'ok' } }),
    'its "reply.status" is not a number',
  ],
  [
    'a chunk of nothing',
    JSON.stringify({ ...FILE, reply: { ...FILE.reply, chunks: [{ ms: 1 }] } }),
    'its "reply.chunks.base64" is not a text',
  ],
])('a file with %s is told what is wrong with it', (_what, text, message) => {
  expect(() => readCassette(text)).toThrow(new TypeError(message))
})
