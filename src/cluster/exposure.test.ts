import { describe, expect, test } from 'vitest'
import type { AuthConfig } from '../auth/gate.ts'
import { Secret } from '../core/secret.ts'
import { exposureProblem, exposureWarning, reloadProblem, type Exposure } from './exposure.ts'

const KEY = {
  name: 'ci',
  digest: new Secret('d'),
  user: null,
  team: null,
  tags: {},
  routes: ['*'],
  limits: [],
  expiresAt: null,
  isEnabled: true,
  metadata: {},
}
const NONE: AuthConfig = { mode: 'none' }
const REQUIRED: AuthConfig = { mode: 'required', keys: [] }
const WITH_KEYS: AuthConfig = { mode: 'required', keys: [KEY] }

function at(host: string, more: Partial<Exposure> = {}): Exposure {
  return { host, allowUnauthenticated: false, ...more }
}

describe('at the start', () => {
  test.each([
    '127.0.0.1',
    '127.0.0.53',
    '127.1',
    'localhost',
    'LOCALHOST',
    '::1',
    '[::1]',
    '::ffff:127.0.0.1',
  ])('on %s no auth is needed, but warned of', (host) => {
    expect(exposureProblem(undefined, at(host))).toBeUndefined()
    expect(exposureWarning(undefined, at(host))).toContain('auth: required')
    expect(exposureWarning(NONE, at(host))).toBeUndefined()
  })

  test.each(['0.0.0.0', '::', '10.0.0.1', 'gateway.internal', '127.0.0.1.example.com', '1270.0.0.1', ''])(
    'on "%s" it is needed',
    (host) => {
      const allowed = at(host, { allowUnauthenticated: true })
      expect(exposureProblem(undefined, at(host))).toContain('write "auth: required"')
      // A file that lost its auth must not open the gateway.
      expect(exposureProblem(undefined, allowed)).toContain('write "auth: required"')
      expect(exposureProblem(NONE, at(host))).toContain('--allow-unauthenticated')
      expect(exposureProblem(NONE, allowed)).toBeUndefined()
      expect(exposureWarning(NONE, allowed)).toContain('anybody')
      expect(exposureProblem(REQUIRED, at(host))).toBeUndefined()
      expect(exposureWarning(REQUIRED, at(host))).toBeUndefined()
    },
  )
})

describe('a reload', () => {
  const local = at('127.0.0.1')
  const reload = (before: AuthConfig | undefined, auth: AuthConfig | undefined, where = local) =>
    reloadProblem(before, { auth, server: { allowDestructiveReload: false } }, where)
  const meant = (before: AuthConfig | undefined, auth: AuthConfig | undefined, where = local) =>
    reloadProblem(before, { auth, server: { allowDestructiveReload: true } }, where)

  test('does not take auth away, or all keys', () => {
    expect(reload(REQUIRED, undefined)).toContain('allow_destructive_reload: true')
    expect(reload(REQUIRED, NONE)).toContain('allow_destructive_reload: true')
    expect(reload(WITH_KEYS, REQUIRED)).toContain('none of the 1 keys would be left')
  })

  test('may do it when the new file allows it, but never opens an address that others reach', () => {
    expect(meant(WITH_KEYS, REQUIRED)).toBeUndefined()
    expect(meant(WITH_KEYS, undefined)).toBeUndefined()
    expect(meant(WITH_KEYS, undefined, at('0.0.0.0'))).toContain('write "auth: required"')
    expect(meant(WITH_KEYS, NONE, at('0.0.0.0'))).toContain('--allow-unauthenticated')
  })

  test('may bring auth, and change keys', () => {
    expect(reload(undefined, WITH_KEYS)).toBeUndefined()
    expect(reload(undefined, NONE)).toBeUndefined()
    expect(reload(WITH_KEYS, WITH_KEYS, at('0.0.0.0'))).toBeUndefined()
    expect(reload(NONE, undefined)).toBeUndefined()
  })
})
