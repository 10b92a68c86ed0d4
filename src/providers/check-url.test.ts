import { expect, test } from 'vitest'
import { checkUrl } from './check-url.ts'

test.each(['https://api.openai.com/v1', 'http://127.0.0.1:11434', 'HTTPS://HOST', undefined, null, 5])(
  '%j is no mistake',
  (base) => {
    expect(checkUrl(base === undefined ? {} : { base }, 'base')).toEqual([])
  },
)

test.each([
  '',
  'api.openai.com',
  'ftp://host',
  'file:///etc/passwd',
  'localhost:80',
  'https://',
  '/v1',
  'sk-canary',
  'https://host/v1?key=sk-canary',
  'https://host/v1?',
  'https://host/v1#sk-canary',
  'https://user:sk-canary@host',
  'https://sk-canary@host',
])('%j is a mistake, and is not repeated', (base) => {
  expect(checkUrl({ base }, 'base')).toEqual([
    {
      path: ['base'],
      message:
        'is not a base URL; write one that begins with https:// or http://, without query, fragment and credentials',
    },
  ])
})
