import { expect, test } from 'vitest'
import { decodeEntry, encodeEntry, type Entry } from './entry.ts'

const ENTRY: Entry = {
  storedAt: 1_700_000_000_000,
  isStream: true,
  contentType: 'text/event-stream',
  dropped: ['top_k'],
  chunks: [Buffer.from('data: ä\n\n'), Buffer.from([0, 255, 10]), Buffer.from('end')],
}

test.each<[string, Entry]>([
  ['a stream', ENTRY],
  ['a whole answer', { storedAt: 1, isStream: false, dropped: [], chunks: [Buffer.from('{}')] }],
  ['an empty one', { storedAt: 1, isStream: false, dropped: [], chunks: [] }],
])('%s is the same after it was kept', (_what, entry) => {
  expect(decodeEntry(encodeEntry(entry))).toEqual(entry)
})

test('an entry is little longer than its body', () => {
  const chunks = Array.from({ length: 500 }, () => Buffer.alloc(150))
  expect(encodeEntry({ ...ENTRY, chunks }).length).toBeLessThan(500 * 150 * 1.05)
})

test('bytes that are no entry, or a part of one, are none', () => {
  const bytes = encodeEntry(ENTRY)
  for (let length = 0; length < bytes.length; length++) {
    expect(decodeEntry(bytes.subarray(0, length))).toBeUndefined()
  }
  expect(decodeEntry(Buffer.concat([bytes, Buffer.from('x')]))).toBeUndefined()
  expect(decodeEntry(Buffer.from('hello, world'))).toBeUndefined()
  expect(decodeEntry(withHead('{"storedAt":1,"cuts":[9,-9]}'))).toBeUndefined()
  expect(decodeEntry(withHead('[]'))).toBeUndefined()
  expect(decodeEntry(withHead('null'))).toBeUndefined()
})

function withHead(head: string): Buffer {
  const bytes = Buffer.from(`....${head}`)
  bytes.writeUInt32BE(head.length)
  return bytes
}
