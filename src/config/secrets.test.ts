import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Secret } from '../core/secret.ts'
import type { StoredSecrets } from '../core/stored-secret.ts'
import { NO_STORE, resolveSecret } from './secrets.ts'

const env = { KEY_AS_ENV: 'my_key', WITH_LINE: 'line\r\n', EMPTY: ' ', 'odd.name': 'odd' }

function textOf(value: unknown): string {
  const result = resolveSecret(value, { env, stored: NO_STORE })
  return result.ok ? result.secret.reveal() : `refused: ${result.message}`
}

describe('a secret', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'config-secrets-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  function file(name: string, text: string): string {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }

  it('is an environment variable after a dollar, with or without braces', () => {
    expect(textOf('$KEY_AS_ENV')).toBe('my_key')
    expect(textOf('${KEY_AS_ENV}')).toBe('my_key')
    expect(textOf('$WITH_LINE')).toBe('line')
    expect(textOf('$odd.name')).toBe('odd')
  })

  it('is the text of a file without its last line end', () => {
    expect(textOf(file('mykey.conf', 'Here is my key\n'))).toBe('Here is my key')
    vi.stubEnv('HOME', folder)
    expect(textOf('~/mykey.conf')).toBe('Here is my key')
    vi.unstubAllEnvs()
    expect(textOf(file('windows.conf', 'key\r\n\r\n'))).toBe('key')
  })

  it('is the text itself otherwise, even when it looks like a path', () => {
    expect(textOf('my_key_as_a_string')).toBe('my_key_as_a_string')
    expect(textOf('/not/a/real/path')).toBe('/not/a/real/path')
    expect(textOf('k'.repeat(5000))).toBe('k'.repeat(5000))
    mkdirSync(join(folder, 'directory'))
    expect(textOf(join(folder, 'directory'))).toBe(join(folder, 'directory'))
    expect(textOf('~')).toBe('~')
  })

  it('is refused when there is nothing in it', () => {
    expect(textOf('$NOT_SET')).toMatch(/^refused: environment variable "NOT_SET" is not set; /)
    expect(textOf('${NOT_SET}')).toMatch(/^refused: environment variable "NOT_SET" is not set; /)
    expect(textOf('$EMPTY')).toMatch(/^refused: environment variable "EMPTY" is empty/)
    expect(textOf('$')).toMatch(/^refused: the name of an environment variable is missing/)
    expect(textOf('${}')).toMatch(/^refused: the name of an environment variable is missing/)
    expect(textOf('')).toMatch(/^refused: is empty/)
    expect(textOf(file('empty.conf', '\n'))).toMatch(/^refused: the file with the key is empty/)
    expect(textOf(file('large.conf', 'x'.repeat(65_537)))).toMatch(
      /^refused: the file with the key is larger than 64 KB/,
    )
    expect(textOf(file('full.conf', 'x'.repeat(65_536)))).toHaveLength(65_536)
  })

  it.each([
    'sesame\nopen',
    'sesame\ropen',
    'sesame\0open',
    'sesame\topen',
    'sésame',
    'sesame\u{1f511}',
    'sesame\x7f',
  ])('is refused unseen when no HTTP header can hold it: %j', (key) => {
    for (const result of [
      resolveSecret(key, { env: {}, stored: NO_STORE }),
      resolveSecret('$KEY', { env: { KEY: `${key}\n` }, stored: NO_STORE }),
    ]) {
      expect(result).toEqual({
        ok: false,
        message: expect.stringMatching(/^holds a line break or a character that HTTP headers do not allow; /),
      })
      expect(JSON.stringify(result)).not.toMatch(/s[eé]same|open/)
    }
  })

  it('in a file is refused when a second line follows', () => {
    expect(textOf(file('two.conf', 'sesame\nopen\n'))).toMatch(/^refused: holds a line break(?!.*sesame)/)
    expect(textOf(file('one.conf', '~ sesame !\n'))).toBe('~ sesame !')
  })

  it('of the store is named with "secret:", which goes before the path of a file', () => {
    const stored: StoredSecrets = {
      find: (name) =>
        name === 'openai'
          ? { ok: true, secret: new Secret('sk-stored') }
          : { ok: false, isThere: name === 'closed', reason: 'cannot be had' },
    }
    const found = (value: string): unknown => {
      const result = resolveSecret(value, { env: {}, stored })
      return result.ok ? result.secret.reveal() : [result.message, result.isStored]
    }
    expect(found('secret:openai')).toBe('sk-stored')
    expect(found('secret:closed')).toEqual(['the secret "closed" cannot be had', true])
    expect(found('secret:absent')).toEqual(['the secret "absent" cannot be had', true])
    // It may be a credential with the prefix before it.
    expect(found('secret:sk-proj4sesame')).toEqual(['the secret cannot be had', true])
    for (const wrong of ['secret:', 'secret: x', 'secret:a/b', 'secret:sesame=='])
      expect(found(wrong)).toEqual([
        'the text after "secret:" is not the name of a secret; write secret:NAME',
        undefined,
      ])
    expect(textOf('secret:openai')).toMatch(
      /^refused: the secret "openai" is in the store, which is not read here/,
    )
  })

  it('is nothing but one of the store where others can read what is written', () => {
    const sources = { env: { KEY: 'sesame' }, stored: NO_STORE, isStoredOnly: true }
    for (const value of ['sesame', '$KEY', file('mine.conf', 'sesame')]) {
      const result = resolveSecret(value, sources)
      expect(result).toMatchObject({ ok: false, message: expect.stringMatching(/write secret:NAME$/) })
      expect(JSON.stringify(result)).not.toContain('sesame')
    }
  })

  it('is no text of its own where everybody sees it', () => {
    const sources = { env: { KEY: 'sesame' }, stored: NO_STORE, isReference: true }
    expect(resolveSecret('$KEY', sources).ok).toBe(true)
    expect(resolveSecret(file('mine.conf', 'sesame'), sources).ok).toBe(true)
    expect(resolveSecret('sesame', sources)).toEqual({
      ok: false,
      message: 'leads to no file; write $NAME, or the path of a file',
    })
  })

  it.skipIf(process.getuid?.() === 0)('is refused when its file may not be read', () => {
    const path = file('closed.conf', 'key')
    chmodSync(path, 0)
    expect(textOf(path)).toMatch(/^refused: the file with the key cannot be read/)
  })

  it('of another kind is refused without its value', () => {
    expect(textOf(4242)).toMatch(/^refused: must be a string, but is a number/)
    expect(textOf(4242)).not.toContain('4242')
    expect(textOf(['sesame'])).not.toContain('sesame')
    expect(textOf('$2a$10$sesame')).not.toContain('sesame')
  })
})
