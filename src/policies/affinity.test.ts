import { expect, test } from 'vitest'
import { affinity } from './affinity.ts'

test.each(['session', 'prompt_cache_key', 'user', 'messages'])('conversations may be known by %s', (by) => {
  expect(affinity.read({ by })).toEqual({ affinity: { by } })
})

test('conversations are known by nothing more than headers unless the file says so', () => {
  expect(affinity.read(undefined)).toEqual({})
})
