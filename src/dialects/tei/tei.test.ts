import { expect, test } from 'vitest'
import { teiEmbed, teiRerank } from './index.ts'

const target = { model: 'a-model' }

test('a request for vectors keeps a single text single', () => {
  expect(teiEmbed.write({ input: 'a', dimensions: 8, extras: { truncate: true } }, target)).toEqual({
    body: '{"truncate":true,"inputs":"a","dimensions":8}',
    dropped: [],
  })
  const foreign = { input: ['a'], purpose: 'search_query', extras: { user: 'u' }, extrasDialect: 'openai' }
  expect(teiEmbed.write(foreign, target)).toEqual({ body: '{"inputs":["a"]}', dropped: ['purpose', 'user'] })
})

test('vectors are read', () => {
  expect(teiEmbed.read('[[1,2.5],[3,4]]')).toEqual({
    vectors: [
      [1, 2.5],
      [3, 4],
    ],
    usage: {},
  })
})

test.each(['{}', '[1]', '[["a"]]', 'x'])('%s are no vectors', (body) => {
  expect(() => teiEmbed.read(body)).toThrow(/The provider's answer/)
})

test('a request for ranks says that all come back', () => {
  const request = { query: 'q', documents: ['a', 'b'], topN: 1, returnDocuments: true, extras: {} }
  expect(teiRerank.write(request, target)).toEqual({
    body: '{"query":"q","texts":["a","b"],"return_text":true}',
    dropped: ['topN'],
  })
})

test('ranks are read, best first', () => {
  expect(teiRerank.read('[{"index":0,"score":0.1},{"index":1,"score":0.9,"text":"b"}]').results).toEqual([
    { index: 1, score: 0.9, document: 'b' },
    { index: 0, score: 0.1 },
  ])
})

test.each(['{}', '[{"index":0}]', '[null]'])('%s are no ranks', (body) => {
  expect(() => teiRerank.read(body)).toThrow(/The provider's answer/)
})

test('a refusal keeps its message', () => {
  const body = '{"error":"inputs cannot be empty","error_type":"Empty"}'
  expect(teiEmbed.readError(400, 'application/json', body)).toMatchObject({
    message: 'inputs cannot be empty',
    code: 'Empty',
    kind: 'bad_request',
  })
})
