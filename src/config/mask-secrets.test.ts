import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { maskSecrets, unmaskSecrets } from './mask-secrets.ts'

const CANARY = 'CANARY-literal-0123456789'

describe('a configuration that is shown', () => {
  test('has no credential that stands in it, in whatever style', () => {
    const text = `# a comment
routes:
  - model: { config: { openai_api_key: ${CANARY}, openai_api_base: "https://x.test/v1" } } # kept
  - model:
      config:
        anthropic_api_key: "${CANARY}"
        other: 'in use ${CANARY}'
  - api_key: |
      ${CANARY}
  - { name: gpt-4o-2024-08-06-CANARY, header: "Bearer ${CANARY}" }
  - alias: &key ${CANARY}
    secret_token: *key
`
    const masked = maskSecrets(text, new Set([CANARY, `in use ${CANARY}`, `Bearer ${CANARY}`]))
    expect(masked?.text).not.toContain(CANARY)
    expect(masked?.text).toContain('# a comment')
    expect(masked?.text).toContain('gpt-4o-2024-08-06-CANARY')
    expect(masked?.text).toContain('openai_api_key: "[kept 1]", openai_api_base: "https://x.test/v1"')
    expect(unmaskSecrets(masked?.text ?? '', masked?.originals ?? [])).toBe(text)
  })

  test('keeps what leads to credentials', () => {
    const text = 'a: { openai_api_key: $OPENAI_API_KEY, api_key: "secret:openai", password: "" }\n'
    expect(maskSecrets(text, new Set())).toEqual({ text, originals: [] })
  })

  test('is not shown when it is no YAML', () => {
    expect(maskSecrets(`a: [${CANARY}`, new Set())).toBeUndefined()
  })

  test('may be changed around the marks, in other quotes too', () => {
    const masked = maskSecrets(`api_key: ${CANARY}\n`, new Set())
    expect(masked?.text).toBe('api_key: "[kept 1]"\n')
    const changed = "x: 1\nnew:\n  api_key: '[kept 1]'\n  other: [kept 2]\n"
    expect(unmaskSecrets(changed, masked?.originals ?? [])).toBe(
      `x: 1\nnew:\n  api_key: ${CANARY}\n  other: [kept 2]\n`,
    )
  })

  test('comes back equal, whatever the credentials are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { maxLength: 4 }), (secrets) => {
        const text = stringify({ routes: secrets.map((secret) => ({ name: 'x', api_key: secret })) })
        const masked = maskSecrets(text, new Set(secrets))
        expect(masked).toBeDefined()
        expect(unmaskSecrets(masked?.text ?? '', masked?.originals ?? [])).toBe(text)
      }),
    )
  })
})
