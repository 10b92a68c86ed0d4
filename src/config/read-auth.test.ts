import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { AuthConfig } from '../auth/gate.ts'
import { Secret } from '../core/secret.ts'
import { printIssue } from './issue.ts'
import { parseConfig } from './load.ts'
import { toSnapshot } from './snapshot.ts'

const KEY = 'canary-key-of-24-letters'
const HASH = createHash('sha256').update(KEY).digest()

function read(auth: string): AuthConfig | undefined | string[] {
  const result = parse(auth)
  return result.ok ? result.config.auth : result.issues.map(printIssue)
}

function parse(auth: string): ReturnType<typeof parseConfig> {
  const text = `auth: ${auth}\nroutes: []\n`
  return parseConfig(text, { file: 'gateway.yaml', env: { KEY, SHORT: 'canary-short' } })
}

describe('auth', () => {
  test('is absent, or one of two words', () => {
    expect(parseConfig('routes: []', { file: 'f', env: {} })).not.toHaveProperty('config.auth')
    expect(read('none')).toEqual({ mode: 'none' })
    expect(read('required')).toEqual({ mode: 'required', keys: [] })
    expect(read('{}')).toEqual({ mode: 'required', keys: [] })
  })

  test.each(['', 'null', '~'])('that says nothing (%s) is a mistake, and opens nothing', (auth) => {
    expect(read(auth)).toEqual([expect.stringContaining('auth: has no value; write "required"')])
  })

  test.each([
    ['nobody', /auth: "nobody" is not allowed|auth: .*required/],
    ['{ key: x }', /unknown key "key"; did you mean "keys"/],
    ['[]', /^gateway\.yaml:1:7: auth: /],
  ])('%s is a mistake', (auth, message) => {
    expect(read(auth)).toEqual([expect.stringMatching(message)])
  })
})

describe('a key of the file', () => {
  test('is kept as a digest, whether it is given or its hash', () => {
    const digest = HASH.toString('base64url')
    const rest = {
      name: 'ci',
      user: null,
      team: null,
      tags: {},
      routes: ['*'],
      limits: [],
      expiresAt: null,
      isEnabled: true,
      metadata: {},
    }
    for (const yaml of ['key: $KEY', `hash: "sha256:${HASH.toString('hex')}"`]) {
      const auth = read(`{ keys: [{ name: ci, ${yaml} }] }`)
      expect(auth).toEqual({ mode: 'required', keys: [{ ...rest, digest: expect.any(Secret) }] })
      const keys = auth && 'mode' in auth && auth.mode === 'required' ? auth.keys : []
      expect(keys.map((key) => key.digest.reveal())).toEqual([digest])
    }
  })

  test('is in no snapshot', () => {
    const result = parse('{ keys: [{ name: ci, key: $KEY }] }')
    expect(result.ok && toSnapshot(result.config)).toContain(HASH.toString('base64url'))
    expect(result.ok && toSnapshot(result.config)).not.toContain('canary')
  })

  test('has all that is known of it', () => {
    const key = `{ name: ci, key: $KEY, user: ann, team: search, tags: { project: x, "": "<&>" }, routes: [chat, "embed-*"],
      limits: [{ requests: 5, per: minute }], expires: 2027-01-31, enabled: false, metadata: { ticket: 7 } }`
    expect(read(`{ keys: [${key}] }`)).toMatchObject({
      keys: [
        {
          user: 'ann',
          team: 'search',
          tags: { project: 'x', '': '<&>' },
          routes: ['chat', 'embed-*'],
          limits: [{ meter: 'requests', most: 5, by: 'all' }],
          expiresAt: Date.UTC(2027, 0, 31),
          isEnabled: false,
          metadata: { ticket: 7 },
        },
      ],
    })
  })

  test.each([
    ['{ name: ci }', 'has no key; write "key: $NAME"'],
    ['{ key: $KEY }', 'missing key "name"'],
    ['{ name: ci, key: $SHORT }', 'is too short; write at least 24 characters'],
    ['{ name: ci, key: canary-literal }', 'is too short'],
    ['{ name: ci, key: $MISSING }', '"MISSING" is not set'],
    ['{ name: ci, hash: "canary" }', 'is no SHA-256; write "sha256:"'],
    [`{ name: ci, key: $KEY, hash: "sha256:${HASH.toString('hex')}" }`, 'says the key twice'],
    ['{ name: ci, key: $KEY, expires: tomorrow }', 'write a date'],
    ['{ name: ci, key: $KEY, expires: 2027-13-45 }', 'is no day of the calendar'],
    ['{ name: ci, key: $KEY, limits: [{ requests: 5 }] }', 'has no period'],
    ['{ name: ci, key: $KEY, tags: { project: 1 } }', 'put it in quotes'],
    ['{ name: ci, key: $KEY }, { name: other, key: $KEY }', 'is the same key as one above'],
    [
      `{ name: ci, key: $KEY }, { name: ci, hash: "sha256:${'0'.repeat(64)}" }`,
      'has the name of a key above',
    ],
  ])('%s: %s', (keys, message) => {
    const issues = read(`{ keys: [${keys}] }`)
    expect(issues).toEqual([expect.stringContaining(message)])
    expect(JSON.stringify(issues)).not.toContain('canary')
  })
})
