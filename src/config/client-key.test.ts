import { describe, expect, it } from 'vitest'
import { parseConfig } from './load.ts'

function problemsOf(route: string): string[] {
  const text = `
routes:
  - { name: own, type: llm/v1/chat, client_key: allow, ${route} }
  - { name: other, type: llm/v1/chat, model: { provider: mock, name: m } }
`
  const loaded = parseConfig(text, { file: 'gateway.yaml', env: {} })
  return loaded.ok ? [] : loaded.issues.map(({ path, message }) => `${path}: ${message}`)
}

const openai = (name: string, more = ''): string =>
  `{ provider: openai, name: ${name}, config: { openai_api_key: a-key${more} } }`

describe('client_key', () => {
  it('is for a route of one provider at one place', () => {
    expect(problemsOf(`model: ${openai('gpt')}`)).toEqual([])
    expect(problemsOf(`targets: [{ model: ${openai('a')} }, { model: ${openai('b')} }]`)).toEqual([])
  })

  it.each([
    ['a fallback', `model: ${openai('gpt')}, fallbacks: [{ route: other }]`, 'beside fallbacks'],
    ['a mirror', `model: ${openai('gpt')}, mirror: { route: other, percent: 1 }`, 'beside fallbacks'],
    ['a route as a target', 'targets: [{ route: other }]', 'routes as targets'],
    [
      'two places',
      `targets: [{ model: ${openai('a')} }, { model: ${openai('a', ', openai_api_base: "https://a.example"')} }]`,
      'targets differ',
    ],
    [
      'a provider without a key',
      'model: { provider: mock, name: m }',
      'mock is not called with a single key',
    ],
  ])('is not for one with %s', (_what, route, problem) => {
    expect(problemsOf(route)).toEqual([expect.stringMatching(`client_key: cannot be allowed.*${problem}`)])
  })
})
