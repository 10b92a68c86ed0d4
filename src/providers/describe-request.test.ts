import { describe, expect, test } from 'vitest'
import { createProvider } from '../../test/support/ask-provider.ts'
import { json, startScriptedServer } from '../../test/scripted-server.ts'
import { Cancellation } from '../core/cancel.ts'
import type { Attempt, Provider, ProviderConfig } from '../core/provider.ts'
import { Secret } from '../core/secret.ts'
import { describeRequest } from './describe-request.ts'
import { providers } from './index.ts'

const AWS = {
  aws_region: 'us-east-1',
  aws_access_key_id: new Secret('AKIDEXAMPLE1'),
  aws_secret_access_key: new Secret('secret-example'),
}

function create(name: string, model: string, config: ProviderConfig): Provider {
  const definition = providers.find((known) => known.name === name)
  if (!definition) throw new Error(`there is no provider ${name}`)
  return createProvider({ definition, model, config })
}

function attemptAt(provider: Provider, changes: Partial<Attempt>): Attempt {
  const format = provider.formats[0]
  if (!format) throw new Error('the provider has no format')
  return { format, stream: false, body: '{"a":1}', signal: new Cancellation(), ...changes }
}

/** What only a connection, or only a real sending, adds. */
const NOT_DESCRIBED = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'x-amz-date'])

describe('a described request', () => {
  test.each<[string, string, (uri: string) => ProviderConfig, Partial<Attempt>]>([
    [
      'openai',
      'gpt-4o',
      (uri) => ({ openai_api_key: new Secret('sk-canary-1'), openai_api_base: `${uri}/v1` }),
      { stream: true },
    ],
    [
      'anthropic',
      'claude',
      (uri) => ({
        anthropic_api_key: new Secret('sk-canary-2'),
        anthropic_api_base: uri,
        anthropic_beta: ['one-2025'],
      }),
      { headers: { 'anthropic-beta': 'two-2025', 'x-other': 'not sent' } },
    ],
    [
      'gemini',
      'gemini-x',
      (uri) => ({ gemini_api_key: new Secret('gm-canary-3'), gemini_api_base: uri }),
      { stream: true },
    ],
    ['bedrock', 'amazon.nova', (uri) => ({ aws_config: AWS, bedrock_api_base: uri }), {}],
    ['openai-compatible', 'm', (uri) => ({ api_base: uri }), { contentType: 'text/plain', body: 'x' }],
  ])('of %s is the one that is sent, but for its credential', async (name, model, configOf, changes) => {
    const server = await startScriptedServer(json(200, {}))
    const provider = create(name, model, configOf(server.uri))
    const attempt = attemptAt(provider, changes)
    const described = provider.describe?.(attempt)
    const reply = await provider.send(attempt)
    reply.body.cancel()
    const [seen] = server.seen
    expect(described?.url).toBe(server.uri + seen?.url)
    expect(described?.method).toBe(seen?.method)
    expect(described?.body.toString()).toBe(seen?.body)
    const sent = Object.entries(seen?.headers ?? {}).filter(([header]) => !NOT_DESCRIBED.has(header))
    const shown = new Map<string, string>()
    for (const [header, value] of described?.headers ?? []) {
      const before = shown.get(header)
      shown.set(header, before === undefined ? value : `${before}, ${value}`)
    }
    const isCredential = (header: string): boolean =>
      /^(?:authorization|x-api-key|x-goog-api-key)$/.test(header)
    expect(Object.fromEntries(shown)).toEqual(
      Object.fromEntries(
        sent.map(([header, value]) => [header, isCredential(header) ? '[redacted]' : value]),
      ),
    )
    expect(JSON.stringify(described)).not.toMatch(/canary|AKID|secret-example/)
  })

  test('says of a signature and of a token that they are made when it is sent', () => {
    const signed = create('bedrock', 'amazon.nova', { aws_config: AWS })
    expect(signed.describe?.(attemptAt(signed, {})).notes).toEqual([expect.stringContaining('signature')])
    const token = create('databricks', 'm', {
      host: 'https://w.example',
      client_id: 'id',
      client_secret: new Secret('oauth-canary'),
    })
    const described = token.describe?.(attemptAt(token, {}))
    expect(described?.headers).toContainEqual(['authorization', '[redacted]'])
    expect(described?.notes).toHaveLength(1)
  })

  test('for each of several texts says how many there are', () => {
    const provider = create('bedrock', 'amazon.titan-embed-text-v2:0', { aws_config: AWS })
    const described = provider.describe?.(
      attemptAt(provider, { body: '{"inputText":["a","b"],"dimensions":2}' }),
    )
    expect(described?.body).toBe('{"inputText":"a","dimensions":2}')
    expect(described?.notes.at(-1)).toContain('2 such requests')
  })

  test.each(['Authorization', 'x-api-key', 'api-key', 'Cookie', 'x-amz-security-token', 'x-client-secret'])(
    'hides %s, though it is plain text',
    (name) => {
      const request = { method: 'POST', origin: 'http://h', path: '/', contentType: 'text/plain', body: null }
      const { headers } = describeRequest(request, {
        fixed: { [name]: 'canary', 'x-title': 'shown' },
        forwarded: { [name]: 'canary' },
        isAuthorized: false,
      })
      expect(headers).toEqual([
        [name, '[redacted]'],
        ['x-title', 'shown'],
        ['content-type', 'text/plain'],
        [name, '[redacted]'],
      ])
    },
  )
})
