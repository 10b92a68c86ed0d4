import { expect, test } from 'vitest'
import { paginate } from './page-token.ts'

function items(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

function token(text: string): string {
  return Buffer.from(text).toString('base64')
}

test.each([0, 1, 3000])('a list of %i is one page', (count) => {
  expect(paginate(items(count), null)).toEqual({ page: items(count), nextPageToken: null })
})

test('a longer list comes in pages of 3000, each of which names the next', () => {
  const all = items(6001)
  const first = paginate(all, null)
  expect(first.page).toHaveLength(3000)
  expect(first.nextPageToken).toBe(token('{"index": 3000}'))
  const second = paginate(all, first.nextPageToken)
  const third = paginate(all, second.nextPageToken)
  expect(third).toEqual({ page: [6000], nextPageToken: null })
  expect([...first.page, ...second.page, ...third.page]).toEqual(all)
})

test.each([
  ['{"index": 1}', [1, 2]],
  ['{"index":2}', [2]],
  ['{"index": 9}', []],
])('the token of %s begins there', (text, page) => {
  expect(paginate(items(3), token(text))).toEqual({ page, nextPageToken: null })
})

test.each([
  '',
  'garbage',
  '!!!',
  token('{"index": -1}'),
  token('{"index": 1.5}'),
  token('{"index": "1"}'),
  token('{}'),
  token('[1]'),
  token('null'),
  token('{"index"'),
])("the token %j is refused as the caller's mistake", (bad) => {
  expect(() => paginate(items(3), bad)).toThrow(
    expect.objectContaining({
      kind: 'bad_request',
      status: 400,
      message: expect.stringMatching(/^Invalid SearchRoutes token: /),
    }),
  )
})

test('a long token is quoted only in part', () => {
  expect(() => paginate([], 'x'.repeat(10_000))).toThrow(/^.{0,400}$/)
})
