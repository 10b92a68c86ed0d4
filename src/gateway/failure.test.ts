import { describe, expect, test, vi } from 'vitest'
import type { ByteSource } from '../core/bytes.ts'
import { GatewayError, type GatewayErrorOptions } from '../core/error.ts'
import type { Provider, UpstreamReply } from '../core/provider.ts'
import { Secret } from '../core/secret.ts'
import { openAiChat } from '../dialects/openai/index.ts'
import { presentable, readFailure } from './failure.ts'

const KEY = 'sk-canary-7f3a'

function provider(...secrets: string[]): Provider {
  return {
    name: 'openai',
    model: 'm',
    formats: [openAiChat],
    send: () => Promise.reject(new Error('not called')),
    secrets: secrets.map((text) => new Secret(text)),
    close: () => Promise.resolve(),
  }
}

function shown(message: string, options: Partial<GatewayErrorOptions> = {}, secrets = [KEY]): GatewayError {
  const error = new GatewayError(message, { kind: 'bad_request', status: 400, ...options })
  return presentable(error, provider(...secrets))
}

describe('what a provider says', () => {
  test('keeps its kind, status, message, cause, parameter and detail', () => {
    const cause = new Error('inside')
    const options = {
      kind: 'rate_limit',
      status: 429,
      detail: { a: [1, null] },
      parameter: 'candidates',
      cause,
    } as const
    expect(shown('Slow down.', options)).toMatchObject({ message: 'Slow down.', ...options })
  })

  test('has every secret taken out, wherever it stands', () => {
    const detail = {
      [`key ${KEY}`]: KEY,
      list: [`a ${KEY} b ${KEY}`, 5, null, true, { deep: [{ key: `Bearer ${KEY}` }] }],
    }
    const options = { detail, parameter: KEY, code: `c-${KEY}` }
    const error = shown(`Bad ${KEY}, or ${KEY}; not other-key.`, options, [KEY, 'other-key'])
    expect(error.message).toBe('Bad [redacted], or [redacted]; not [redacted].')
    expect(error).toMatchObject({ parameter: '[redacted]', code: 'c-[redacted]' })
    expect(error.detail).toEqual({
      'key [redacted]': '[redacted]',
      list: ['a [redacted] b [redacted]', 5, null, true, { deep: [{ key: 'Bearer [redacted]' }] }],
    })
  })

  test('stays as it is where the provider has no secret', () => {
    const detail = { a: 1 }
    const error = shown('No.', { detail }, [])
    expect(error.message).toBe('No.')
    expect(error.detail).toEqual(detail)
  })

  test('stays as it is where the secret is an empty text', () => {
    expect(shown('No.', { detail: 'No.' }, [''])).toMatchObject({ message: 'No.', detail: 'No.' })
  })

  test.each([401, 403])(
    "about our own credential (%i) is not repeated, and is not the caller's %i",
    (status) => {
      const error = shown(`Incorrect API key: ${KEY.slice(0, 8)}***`, {
        kind: 'auth',
        status,
        detail: { key: KEY },
      })
      expect(error).toMatchObject({ kind: 'auth', status: 502, detail: undefined })
      expect(error.message).toContain("The provider 'openai' refused the gateway's own credential")
      expect(error.message).toContain(`HTTP ${status}`)
      expect(error.message).not.toContain('sk-')
    },
  )

  test.each([
    ['no secret', []],
    ['a secret', [KEY]],
  ])('can be written as JSON however deep it is nested, with %s', (_what, secrets) => {
    const depth = 100_000
    const detail: unknown = JSON.parse('['.repeat(depth) + ']'.repeat(depth))
    expect(() => JSON.stringify({ detail: shown('No.', { detail }, secrets).detail })).not.toThrow()
  })
})

describe('readFailure', () => {
  const cancel = vi.fn<() => void>()

  function reply(status: number, body: string, more: Partial<UpstreamReply> = {}): UpstreamReply {
    const source: ByteSource = {
      flow(sink): void {
        sink.data(Buffer.from(body))
        sink.end()
      },
      pause: () => undefined,
      resume: () => undefined,
      cancel,
    }
    return { status, contentType: 'application/json', body: source, ...more }
  }

  test("reads the refusal in the provider's format", async () => {
    const failure = await readFailure(
      provider(KEY),
      openAiChat,
      reply(429, `{"error":{"message":"Slow, ${KEY}."}}`),
    )
    expect(failure).toMatchObject({ kind: 'rate_limit', status: 429, message: 'Slow, [redacted].' })
  })

  test.each([
    ['7', '7'],
    ['0.5', '0.5'],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 'Wed, 21 Oct 2026 07:28:00 GMT'],
    ['soon', undefined],
    [`7; ${KEY}`, undefined],
    ['-1', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('keeps Retry-After %j as %j', async (retryAfter, expected) => {
    const more = retryAfter === undefined ? {} : { retryAfter }
    const failure = await readFailure(provider(KEY), openAiChat, reply(429, '{}', more))
    expect(failure.retryAfter).toBe(expected)
  })

  test.each([301, 304, 102])('does not follow HTTP %i', async (status) => {
    cancel.mockClear()
    const redirect = reply(status, '')
    const failure = await readFailure(provider(), openAiChat, redirect)
    expect(failure).toMatchObject({ kind: 'bad_response', status: 502 })
    expect(failure.message).toContain(String(status))
    expect(cancel).toHaveBeenCalledOnce()
  })

  test('makes a 502 of a status that cannot be sent on', async () => {
    expect((await readFailure(provider(), openAiChat, reply(999, '{"error":"x"}'))).status).toBe(502)
  })
})
