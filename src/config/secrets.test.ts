import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { resolveSecret } from './secrets.ts'

const env = { KEY_AS_ENV: 'my_key', WITH_LINE: 'line\r\n', EMPTY: ' ', 'odd.name': 'odd' }

function textOf(value: unknown): string {
  const result = resolveSecret(value, env)
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
    for (const result of [resolveSecret(key, {}), resolveSecret('$KEY', { KEY: `${key}\n` })]) {
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
