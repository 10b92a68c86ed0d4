import { expect, test } from 'vitest'
import type { Annotation } from '../../core/request.ts'
import { writeAnnotations } from './citations.ts'

function write(annotation: Annotation): unknown {
  return writeAnnotations([{ kind: 'text', text: 'Cats are small.', annotations: [annotation] }])
}

test('a source with an address is one on the web', () => {
  expect(write({ url: 'https://example.com', title: 'Cats' })).toEqual({
    groundingMetadata: {
      groundingChunks: [{ web: { uri: 'https://example.com', title: 'Cats' } }],
      groundingSupports: [],
    },
  })
})

test('a document without an address is one that the model was given', () => {
  expect(write({ title: 'cats.txt', start: 0, end: 4 })).toEqual({
    groundingMetadata: {
      groundingChunks: [{ retrievedContext: { title: 'cats.txt' } }],
      groundingSupports: [
        { segment: { partIndex: 0, startIndex: 0, endIndex: 4, text: 'Cats' }, groundingChunkIndices: [0] },
      ],
    },
  })
})
