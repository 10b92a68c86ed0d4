import { format, inspect } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { Secret } from './secret.ts'

const TEXT = 'sk-canary-7f3a'
const secret = new Secret(TEXT)

describe('a secret', () => {
  test('gives its text only when asked to reveal it', () => {
    expect(secret.reveal()).toBe(TEXT)
  })

  test.each<[string, () => string]>([
    ['inspect', () => inspect(secret)],
    ['inspect with hidden members', () => inspect({ a: [secret] }, { showHidden: true, depth: 9 })],
    ['format with %s', () => format('%s', secret)],
    ['format with %o', () => format('%o', { secret })],
    ['format with %O', () => format('%O', { secret })],
    ['format with %j', () => format('%j', { secret })],
    ['JSON', () => JSON.stringify({ deep: { secret } })],
    // oxlint-disable-next-line typescript/restrict-template-expressions -- the mistake that must do no harm
    ['a template', () => `${secret}`],
    ['String()', () => String(secret)],
    ['joining', () => [secret].join(' ')],
    ['an error message', () => new Error(['no:', secret].join(' ')).stack ?? ''],
  ])('is redacted in %s', (_where, print) => {
    expect(print()).toContain('[redacted]')
    expect(print()).not.toContain(TEXT)
  })

  test('is redacted by console.log of an object that holds it', () => {
    const written: string[] = []
    const write = vi.spyOn(console, 'log').mockImplementation((...values: unknown[]) => {
      written.push(format(...values))
    })
    console.log({ config: { key: secret } }, secret)
    write.mockRestore()
    expect(written).toEqual(['{ config: { key: [redacted] } } [redacted]'])
  })

  test('cannot be copied or listed out', () => {
    expect(JSON.stringify(Object.assign({}, secret))).toBe('{}')
    expect(JSON.stringify(structuredClone(secret))).not.toContain(TEXT)
    expect(Object.getOwnPropertyNames(secret)).toEqual([])
  })

  test('has a fingerprint that tells it from another without giving it away', () => {
    expect(secret.fingerprint()).toMatch(/^[0-9a-f]{16}$/)
    expect(secret.fingerprint()).toBe(new Secret(TEXT).fingerprint())
    expect(secret.fingerprint()).not.toBe(new Secret(`${TEXT} `).fingerprint())
  })
})
