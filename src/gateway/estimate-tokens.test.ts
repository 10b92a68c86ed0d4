import { describe, expect, test } from 'vitest'
import type { ChatRequest, Part } from '../core/request.ts'
import { estimateTokens } from './estimate-tokens.ts'

function ask(...parts: Part[]): ChatRequest {
  return { messages: [{ role: 'user', parts, extras: {} }], stream: false, extras: {} }
}

const text = (words: string): Part => ({ type: 'text', text: words })

describe('an estimate', () => {
  test('of English text is about a token for four characters', () => {
    const words = 'The quick brown fox jumps over the lazy dog. '.repeat(100)
    expect(estimateTokens(ask(text(words)))).toBeGreaterThan(1000)
    expect(estimateTokens(ask(text(words)))).toBeLessThan(1300)
  })

  test('counts what tools and their results say', () => {
    const plain = estimateTokens(ask(text('Hello.')))
    const parameters = { type: 'object', properties: { city: { type: 'string' } } }
    const tools = [{ type: 'function' as const, name: 'get_weather', parameters }]
    expect(estimateTokens({ ...ask(text('Hello.')), tools })).toBeGreaterThan(plain + 10)
    const result: Part = { type: 'tool-result', callId: 'c', parts: [text('Sunny. '.repeat(40))] }
    expect(estimateTokens(ask(text('Hello.'), result))).toBeGreaterThan(plain + 50)
  })

  test.each<[string, Part]>([
    ['a picture', { type: 'image', source: { kind: 'url', url: 'https://a.test/x.png' } }],
    [
      'a document',
      { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'x'.repeat(50_000) } },
    ],
    [
      'hidden thoughts',
      { type: 'redacted-thinking', state: { dialect: 'anthropic', data: 'x'.repeat(800) } },
    ],
    ['what nobody else knows', { type: 'opaque', value: { text: 'x'.repeat(800) } }],
  ])('counts %s', (_what, part) => {
    expect(estimateTokens(ask(part))).toBeGreaterThan(150)
  })

  test('is a whole number, also of nothing', () => {
    expect(Number.isInteger(estimateTokens(ask(text('abc'))))).toBe(true)
    expect(estimateTokens({ messages: [], stream: false, extras: {} })).toBe(0)
  })
})
