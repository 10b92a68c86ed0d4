import { validateHeaderValue } from 'node:http'
import { expect, test } from 'vitest'
import { headerText } from './header-list.ts'

test.each([
  ['openai/gpt-4o', 'openai/gpt-4o'],
  ['mock/模型', 'mock/??'],
  ['mock/\u202Eevil\r\nx: y', 'mock/?evil??x: y'],
  ['é'.repeat(2000), '?'.repeat(1024)],
])('%j can stand in a header', (text, shown) => {
  expect(headerText(text)).toBe(shown)
  expect(() => validateHeaderValue('x-gateway-target', headerText(text))).not.toThrow()
})
