import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { IdentityProvider, type TokenOptions } from '../../../test/support/identity-provider.ts'
import { GatewayError } from '../../core/error.ts'
import { CredentialRefusal } from '../../core/identity.ts'
import { plainDigestOf } from '../digest.ts'
import { ALGORITHMS, type Issuer } from './issuer.ts'
import { KeySet, KeySets, isSafeUrl } from './key-set.ts'
import { Tokens } from './tokens.ts'

let provider: IdentityProvider
beforeEach(async () => {
  provider = await IdentityProvider.start()
})
afterEach(() => provider.stop())

function issuer(changes: Partial<Issuer> = {}): Issuer {
  return {
    issuer: provider.url,
    audience: ['gateway'],
    jwksUrl: null,
    algorithms: ALGORITHMS,
    require: {},
    claims: { user: 'email', team: 'groups', role: 'realm.roles', tags: { project: 'dept' } },
    routes: ['*'],
    roles: { admin: [], team_admin: [], viewer: [] },
    ...changes,
  }
}

function tokensOf(changes: Partial<Issuer> = {}): Tokens {
  return new Tokens([issuer(changes)], new KeySets())
}

const CLAIMS = { sub: 's1', email: 'ann@example.com', groups: ['search', 'all'], dept: 'ranking' }

/** Why a token is refused: its status, and what the log is told. */
async function refusalOf(tokens: Tokens, token: string): Promise<[number, string | undefined]> {
  const error: unknown = await Promise.resolve(tokens.find(token, plainDigestOf(token))).catch(
    (reason: unknown) => reason,
  )
  if (!(error instanceof GatewayError)) throw new Error('it was taken', { cause: error })
  return [error.status, error.cause instanceof CredentialRefusal ? error.cause.reason : undefined]
}

test('a good token says who calls, for whom, and what they may', async () => {
  const token = await provider.sign(CLAIMS)
  const identity = await tokensOf().find(token, plainDigestOf(token))
  expect(identity).toEqual({
    by: 'jwt',
    id: `${provider.url} s1`,
    name: 'ann@example.com',
    user: 'ann@example.com',
    team: 'search',
    tags: { project: 'ranking' },
    routes: ['*'],
    limits: [],
  })
})

test('routes may be a list or words of a scope, and none where the claim is missing', async () => {
  const tokens = tokensOf({ claims: { ...issuer().claims, routes: 'scope' } })
  const routesOf = async (scope?: unknown): Promise<readonly string[]> => {
    const token = await provider.sign({ ...CLAIMS, ...(scope === undefined ? {} : { scope }) })
    return (await tokens.find(token, plainDigestOf(token))).routes
  }
  expect(await routesOf('chat embed-*')).toEqual(['chat', 'embed-*'])
  expect(await routesOf(['chat'])).toEqual(['chat'])
  expect(await routesOf()).toEqual([])
})

test('a token that was good a moment ago is known at once', async () => {
  const tokens = tokensOf()
  const token = await provider.sign(CLAIMS)
  await tokens.find(token, plainDigestOf(token))
  expect(tokens.find(token, plainDigestOf(token))).not.toBeInstanceOf(Promise)
})

test.each<[string, TokenOptions, string]>([
  ['another audience', { audience: 'mail' }, 'invalid'],
  ['another issuer', { issuer: 'https://login.example.com' }, 'unknown'],
  ['no time left', { expiresIn: '-2m' }, 'expired'],
  ['a beginning to come', { notBefore: '5m' }, 'invalid'],
])('a token of %s is refused', async (_name, options, reason) => {
  expect(await refusalOf(tokensOf(), await provider.sign(CLAIMS, options))).toEqual([401, reason])
})

test('a clock that is half a minute off does no harm', async () => {
  const tokens = tokensOf()
  const token = await provider.sign(CLAIMS, { expiresIn: '-30s', notBefore: '30s' })
  expect(await tokens.find(token, plainDigestOf(token))).toMatchObject({ user: 'ann@example.com' })
})

test('a token that is not signed, or with the public key as a secret, is refused', async () => {
  const [, payload = ''] = (await provider.sign(CLAIMS)).split('.')
  const encode = (header: object): string => Buffer.from(JSON.stringify(header)).toString('base64url')
  const none = `${encode({ alg: 'none' })}.${payload}.x`
  const head = `${encode({ alg: 'HS256', kid: 'key-1' })}.${payload}`
  const secret = JSON.stringify(provider.keys[0]?.public)
  const confused = `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`
  for (const token of [none, confused]) expect(await refusalOf(tokensOf(), token)).toEqual([401, 'invalid'])
})

test('a token that was changed, has no subject, or is far too long is refused', async () => {
  const [head, payload = '', signature] = (await provider.sign(CLAIMS)).split('.')
  const claims: object = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const other = Buffer.from(JSON.stringify({ ...claims, email: 'root@example.com' })).toString('base64url')
  expect(await refusalOf(tokensOf(), [head, other, signature].join('.'))).toEqual([401, 'invalid'])
  expect(await refusalOf(tokensOf(), await provider.sign({ email: 'x' }))).toEqual([401, 'invalid'])
  const long = await provider.sign({ ...CLAIMS, more: 'x'.repeat(17_000) })
  expect(await refusalOf(tokensOf(), long)).toEqual([401, 'unknown'])
})

test('tokens of an issuer that serves others too must have the claims that are asked for', async () => {
  const tokens = tokensOf({ require: { 'org.name': ['acme', 'acme-labs'] } })
  const good = await provider.sign({ ...CLAIMS, org: { name: 'acme-labs' } })
  expect(await tokens.find(good, plainDigestOf(good))).toMatchObject({ name: 'ann@example.com' })
  for (const org of [{ name: 'evil' }, undefined, 'acme']) {
    expect(await refusalOf(tokens, await provider.sign({ ...CLAIMS, org }))).toEqual([401, 'invalid'])
  }
})

test('made-up tokens do not flood a provider that is down, and a new key is not called a bad one meanwhile', async () => {
  let now = 0
  const keys = new KeySet(issuer(), () => now)
  const tokens = new Tokens([issuer()], { of: () => keys })
  const first = await provider.sign(CLAIMS)
  await tokens.find(first, plainDigestOf(first))
  provider.isDown = true
  await provider.rotate()
  now += 31_000
  const newer = await provider.sign(CLAIMS)
  expect(await refusalOf(tokens, newer)).toEqual([503, undefined])
  expect(await refusalOf(tokens, newer)).toEqual([503, undefined])
  now += 25 * 3_600_000
  const before = provider.asked.length
  for (let index = 0; index < 20; index++) {
    expect(await refusalOf(tokens, await provider.sign({ ...CLAIMS, sub: `s${index}` }))).toEqual([
      503,
      undefined,
    ])
  }
  expect(provider.asked.length).toBe(before + 1)
})

test('a key that is new at the provider is found, and made-up keys do not make it ask again and again', async () => {
  let now = 0
  const keys = new KeySet(issuer(), () => now)
  const tokens = new Tokens([issuer()], { of: () => keys })
  const find = (token: string): unknown => tokens.find(token, plainDigestOf(token))
  await find(await provider.sign(CLAIMS))
  await provider.rotate()
  now += 31_000
  await find(await provider.sign(CLAIMS))
  const before = provider.asked.length
  const [first] = provider.keys
  if (!first) throw new Error('no key')
  for (let index = 0; index < 20; index++) {
    const token = await provider.sign(CLAIMS, { key: { ...first, kid: `made-up-${index}` } })
    expect(await refusalOf(tokens, token)).toEqual([401, 'invalid'])
  }
  expect(provider.asked.length).toBe(before)
})

test('while the provider is down its known keys are good for a day; without any nothing can be said', async () => {
  let now = 0
  const keys = new KeySet(issuer(), () => now)
  const tokens = new Tokens([issuer()], { of: () => keys })
  const tokenOf = (sub: string): Promise<string> => provider.sign({ ...CLAIMS, sub })
  const first = await tokenOf('a')
  await tokens.find(first, plainDigestOf(first))
  provider.isDown = true
  now += 23 * 3_600_000
  const second = await tokenOf('b')
  expect(await tokens.find(second, plainDigestOf(second))).toMatchObject({ id: `${provider.url} b` })
  now += 2 * 3_600_000
  expect(await refusalOf(tokens, await tokenOf('c'))).toEqual([503, undefined])
  expect(await refusalOf(tokensOf(), await tokenOf('d'))).toEqual([503, undefined])
  provider.isDown = false
  now += 2_000
  const last = await tokenOf('e')
  expect(await tokens.find(last, plainDigestOf(last))).toMatchObject({ id: `${provider.url} e` })
})

test.each([
  ['https://login.example.com/keys', true],
  ['http://127.0.0.1:8080/keys', true],
  ['http://login.example.com/keys', false],
  ['file:///etc/passwd', false],
  ['keys', false],
])('whether keys may come from %s: %s', (url, isSafe) => {
  expect(isSafeUrl(url)).toBe(isSafe)
})
