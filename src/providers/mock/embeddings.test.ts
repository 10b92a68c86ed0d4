import { expect, test } from 'vitest'
import type { JsonObject } from '../../core/json.ts'
import { readEmbeddings, writeEmbeddings } from './embeddings.ts'
import { Digest } from './random.ts'

test('vectors have length 1 and the wanted dimensions', () => {
  for (const dimensions of [1, 8, 256, 1536]) {
    for (const input of ['hello', '!', 'the', '日本', ' ']) {
      const [vector = []] = embed({ input, dimensions })
      expect(vector).toHaveLength(dimensions)
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5)
    }
  }
})

test.each([
  ['cat on the mat', 'a cat sat on a mat', 'quarterly revenue report'],
  ['How do I reset my password?', 'resetting a forgotten password', 'opening hours of the library'],
  ['The company published its quarterly revenues', 'quarterly revenue report', 'cat on the mat'],
])('%j is nearer to %j than to %j', (text, near, far) => {
  const [a = [], b = [], c = []] = embed({ input: [text, near, far] })
  expect(dot(a, b)).toBeGreaterThan(0.4)
  expect(dot(a, b)).toBeGreaterThan(dot(a, c) + 0.3)
})

test('a list gives one vector each, in order, and the same text always the same vector', () => {
  const [a, b, again] = embed({ input: ['one', 'two', 'one'] })
  expect(again).toEqual(a)
  expect(b).not.toEqual(a)
  expect(embed({ input: 'two' })).toEqual([b])
})

test('another seed spans another space', () => {
  const [first, second] = ['1', '2'].map((seed) => write({ input: 'one' }, new Digest().addText(seed)))
  expect(first).not.toBe(second)
})

test('base64 holds the same numbers as little-endian 32-bit floats', () => {
  const [floats = []] = embed({ input: 'one' })
  const encoded = Buffer.from(
    JSON.parse(write({ input: 'one', encoding_format: 'base64' })).data[0].embedding,
    'base64',
  )
  expect(encoded).toHaveLength(floats.length * 4)
  for (const [index, value] of floats.entries()) expect(encoded.readFloatLE(index * 4)).toBeCloseTo(value, 6)
})

test('the answer is an OpenAI list with the tokens of all inputs', () => {
  const answer = JSON.parse(write({ input: ['one two', 'three'] }))
  expect(answer).toMatchObject({ object: 'list', model: 'm', usage: { prompt_tokens: 3, total_tokens: 3 } })
  expect(answer.data.map(({ object, index }: JsonObject) => [object, index])).toEqual([
    ['embedding', 0],
    ['embedding', 1],
  ])
})

test('tokens in place of texts are taken', () => {
  expect(embed({ input: [1, 2, 3] })).toHaveLength(1)
  expect(embed({ input: [[1, 2], [3]] })).toHaveLength(2)
})

test.each([
  [{}, 'input'],
  [{ input: [] }, 'input'],
  [{ input: '' }, 'input'],
  [{ input: ['a', 3] }, 'input[1]'],
  [{ input: 'a', dimensions: 0 }, 'dimensions'],
  [{ input: 'a', encoding_format: 'hex' }, 'encoding_format'],
])('%j is refused', (body, param) => {
  expect(() => readEmbeddings(body)).toThrow(expect.objectContaining({ status: 400, param }))
})

function embed(body: JsonObject): number[][] {
  return JSON.parse(write(body)).data.map(({ embedding }: { embedding: number[] }) => embedding)
}

function write(body: JsonObject, space: Digest = new Digest()): string {
  const read = readEmbeddings(body)
  return writeEmbeddings(read, { space, model: 'm', dimensions: read.dimensions ?? 256 })
}

function dot(left: number[], right: number[]): number {
  return left.reduce((total, value, index) => total + value * (right[index] ?? 0), 0)
}
