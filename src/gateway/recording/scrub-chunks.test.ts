import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Secret } from '../../core/secret.ts'
import { scrubChunks, scrubText, writtenSecrets } from './scrub-chunks.ts'

const SECRET = 'sk-canary-123'
const written = writtenSecrets([new Secret(SECRET)])

function scrub(...chunks: string[]): string[] {
  return scrubChunks(
    chunks.map((chunk) => Buffer.from(chunk)),
    written,
  ).map(String)
}

test('a secret is taken out, and what is around it stays', () => {
  expect(scrub(`key ${SECRET}, again ${SECRET}.`)).toEqual(['key [redacted], again [redacted].'])
})

test('the mark of a secret over several chunks stands in the first of them', () => {
  expect(scrub('key sk-ca', 'nary', '-123 end', 'more')).toEqual(['key [redacted]', '', ' end', 'more'])
})

test('a secret cut anywhere, any number of times, is taken out', () => {
  const text = `a${SECRET}b${SECRET}${SECRET}c`
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 6 }), (cuts) => {
      const places = [0, ...cuts.toSorted((one, other) => one - other), text.length]
      const chunks = places.slice(1).map((end, index) => text.slice(places[index], end))
      expect(scrub(...chunks).join('')).toBe('a[redacted]b[redacted][redacted]c')
    }),
  )
})

test('a secret is found as JSON and URLs write it', () => {
  const odd = 'p"q\\r/s&t=uv'
  const forms = writtenSecrets([new Secret(odd)])
  const text = `${JSON.stringify({ odd })} https://h/?key=${encodeURIComponent(odd)} ${odd}`
  expect(scrubText(text, forms)).toBe('{"odd":"[redacted]"} https://h/?key=[redacted] [redacted]')
})

test('secrets that overlap leave nothing of either', () => {
  const forms = writtenSecrets([new Secret('abcdefgh'), new Secret('efghijkl')])
  expect(String(scrubChunks([Buffer.from('-abcdefghijkl-')], forms)[0])).toBe('-[redacted]-')
})

test('a word of a local server is no secret', () => {
  expect(writtenSecrets([new Secret('ollama')])).toEqual([])
})

test('chunks without a secret are the same chunks', () => {
  const chunks = [Buffer.from('a'), Buffer.from('b')]
  expect(scrubChunks(chunks, written)).toBe(chunks)
})
