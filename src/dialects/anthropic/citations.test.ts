import { expect, test } from 'vitest'
import { readCitation, writeCitation } from './citations.ts'

test('a source without a title is titled with its address, and read back without one', () => {
  const annotation = { url: 'https://example.com', start: 2, end: 8 }
  const written = writeCitation(annotation)
  expect(written).toMatchObject({ title: 'https://example.com' })
  expect(readCitation(written)).toEqual(annotation)
})

test('a title of another dialect is kept', () => {
  const annotation = { url: 'https://example.com', title: 'Example' }
  expect(readCitation(writeCitation(annotation))).toEqual(annotation)
})
