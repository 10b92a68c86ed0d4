import { afterEach, describe, expect, test, vi } from 'vitest'
import { GatewayError } from '../core/error.ts'
import { CredentialRefusal, type Identity } from '../core/identity.ts'
import { Secret } from '../core/secret.ts'
import { plainDigestOf } from './digest.ts'
import type { FileKey } from './file-keys.ts'
import { Gate } from './gate.ts'

afterEach(() => vi.useRealTimers())

const ANN: Identity = {
  by: 'key',
  id: 'k1',
  name: 'one',
  user: 'ann',
  team: null,
  tags: {},
  routes: ['*'],
  limits: [],
}
const stored = { find: () => ANN, complete: (identity: Identity) => identity }

function fileKey(key: string, more: Partial<FileKey> = {}): FileKey {
  return {
    name: 'ci',
    digest: new Secret(plainDigestOf(key)),
    user: 'bob',
    team: 'search',
    tags: { project: 'x' },
    routes: ['chat'],
    limits: [{ id: 'x|requests/all', meter: 'requests', most: 1, by: 'all', action: 'reject', alertAt: [] }],
    expiresAt: null,
    isEnabled: true,
    metadata: {},
    ...more,
  }
}

function refusalOf(gate: Gate, credential?: string): unknown {
  try {
    return gate.admit(credential)
  } catch (error) {
    return error instanceof GatewayError && error.cause instanceof CredentialRefusal
      ? { status: error.status, told: error.message, code: error.code, ...why(error.cause) }
      : error
  }
}

function why({ reason, id }: CredentialRefusal): object {
  return { reason, id }
}

describe('without auth', () => {
  const open = new Gate(undefined, stored)

  test('nobody has to say who they are, and any credential will do', () => {
    expect(open.isClosed).toBe(false)
    for (const credential of [undefined, '', 'sk-anything', 'Basic abc']) {
      expect(open.admit(credential)).toBeUndefined()
    }
  })

  test('a key of the database is checked all the same, where there is one', () => {
    expect(open.admit('mgw_x')).toBe(ANN)
    expect(new Gate({ mode: 'none' }).admit('mgw_x')).toBeUndefined()
  })
})

describe('with auth', () => {
  const gate = new Gate({ mode: 'required', keys: [fileKey('a-key')] }, stored)

  test('a key of the file tells whose it is, and its limits count for it alone', () => {
    expect(gate.admit('a-key')).toMatchObject({
      by: 'key',
      id: 'file:ci',
      name: 'ci',
      user: 'bob',
      team: 'search',
      tags: { project: 'x' },
      routes: ['chat'],
      limits: [{ id: 'key file%3Aci|requests/all', place: { kind: 'key', name: 'file:ci' } }],
    })
  })

  test('keys of the database are asked for only when they can be some', () => {
    expect(gate.admit('mgw_x')).toBe(ANN)
    expect(refusalOf(gate, 'a-key2')).toMatchObject({ status: 401 })
  })

  test('every bad credential is told the same, and the log why', () => {
    const now = Date.now()
    const expired = fileKey('expired', { name: 'expired', expiresAt: now })
    const disabled = fileKey('disabled', { name: 'disabled', isEnabled: false })
    const strict = new Gate({ mode: 'required', keys: [expired, disabled] })
    const refusals = [undefined, '', 'wrong', 'expired', 'disabled'].map((one) => refusalOf(strict, one))
    const told = {
      status: 401,
      code: 'invalid_api_key',
      told: expect.stringContaining('missing or not valid'),
    }
    expect(refusals).toEqual([
      { ...told, reason: 'missing', id: undefined },
      { ...told, reason: 'unknown', id: undefined },
      { ...told, reason: 'unknown', id: undefined },
      { ...told, reason: 'expired', id: 'file:expired' },
      { ...told, reason: 'disabled', id: 'file:disabled' },
    ])
  })

  test('a key ends when its time is up, without a reload', () => {
    vi.useFakeTimers({ now: 1000 })
    const short = new Gate({ mode: 'required', keys: [fileKey('a-key', { expiresAt: 2000 })] })
    vi.setSystemTime(1999)
    expect(short.admit('a-key')).toMatchObject({ id: 'file:ci' })
    vi.setSystemTime(2000)
    expect(refusalOf(short, 'a-key')).toMatchObject({ status: 401 })
  })

  test('keys with a long beginning in common are others', () => {
    const [one, two] = ['x'.repeat(100) + '1', 'x'.repeat(100) + '2']
    const both = new Gate({
      mode: 'required',
      keys: [fileKey(one, { name: 'one' }), fileKey(two, { name: 'two' })],
    })
    expect([one, two].map((key) => both.admit(key))).toMatchObject([{ name: 'one' }, { name: 'two' }])
    expect(refusalOf(both, 'x'.repeat(100))).toMatchObject({ status: 401 })
  })
})
