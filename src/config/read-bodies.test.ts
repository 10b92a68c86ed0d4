import { describe, expect, test } from 'vitest'
import { DEFAULT_BODY_BYTES } from '../gateway/bodies/body-settings.ts'
import { parseConfig } from './load.ts'

function load(said: string): ReturnType<typeof parseConfig> {
  const text = `routes: [{ name: chat, type: llm/v1/chat, model: { provider: mock, name: m }, ${said} }]`
  return parseConfig(text, { file: 'gateway.yaml', env: {} })
}

describe('store_bodies', () => {
  test.each([
    ['strict: false', undefined],
    ['store_bodies: false', undefined],
    ['store_bodies: true', { maxBytes: DEFAULT_BODY_BYTES, redact: [] }],
    ['store_bodies: {}', { maxBytes: DEFAULT_BODY_BYTES, redact: [] }],
    [
      String.raw`store_bodies: { max_bytes: 4096, retention: 7d, redact: ['\d{3}'] }`,
      { maxBytes: 4096, retentionMs: 7 * 86_400_000, redact: [String.raw`\d{3}`] },
    ],
  ])('%s', (said, bodies) => {
    const loaded = load(said)
    expect(loaded.ok && loaded.config.routes[0]?.bodies).toEqual(bodies)
  })

  test.each([
    ['store_bodies: yes please', 'store_bodies'],
    ['store_bodies: { max_bytes: 3 }', 'max_bytes'],
    ['store_bodies: { retention: soon }', 'retention'],
    ['store_bodies: { redact: ["(unclosed"] }', 'is no regular expression: Unterminated group'],
    ['store_bodies: { redact: ["x*"] }', 'also matches where there is nothing'],
    ['store_bodies: { keep: 1 }', 'keep'],
  ])('%s is refused', (said, problem) => {
    const loaded = load(said)
    const issues = loaded.ok ? [] : loaded.issues.map(({ path, message }) => `${path}: ${message}`)
    expect(issues.join()).toContain(problem)
  })
})
