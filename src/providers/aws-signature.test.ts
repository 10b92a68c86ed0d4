import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import { expect, test } from 'vitest'
import { Secret } from '../core/secret.ts'
import { AwsSigner, type SignableRequest } from './aws-signature.ts'
import type { HttpHeaders } from './http-provider.ts'

/** The hash that Amazon's own signer wants. */
class Sha256 {
  readonly #hash: Hash | Hmac

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', toBytes(secret))
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(toBytes(data))
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {
    throw new Error('not used')
  }
}

function toBytes(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data)
}

const NOW = new Date('2026-01-02T03:04:05.678Z')

async function expected(request: SignableRequest, sessionToken?: string): Promise<string | undefined> {
  const { hostname, port, host } = new URL(request.origin)
  const signer = new SignatureV4({
    service: 'bedrock',
    region: 'eu-west-1',
    sha256: Sha256,
    applyChecksum: false,
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret', ...(sessionToken && { sessionToken }) },
  })
  const [path = '', search = ''] = request.path.split('?')
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: 'https:',
      hostname,
      path,
      body: request.body ?? '',
      ...(port && { port: Number(port) }),
      query: Object.fromEntries(new URLSearchParams(search)),
      headers: { host, ...(request.contentType && { 'content-type': request.contentType }) },
    },
    { signingDate: NOW },
  )
  return signed.headers['authorization']
}

function sign(request: SignableRequest, sessionToken?: string): HttpHeaders {
  const secretAccessKey = new Secret('secret')
  const session = sessionToken === undefined ? {} : { sessionToken: new Secret(sessionToken) }
  const credentials = { accessKeyId: 'AKID', secretAccessKey, ...session }
  return new AwsSigner({ service: 'bedrock', region: 'eu-west-1' }).sign(request, credentials, NOW)
}

const post = { method: 'POST', origin: 'https://bedrock.example', contentType: 'application/json' }
const ARN = 'arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc'

test.each<[string, SignableRequest]>([
  ['a model', { ...post, path: '/model/amazon.nova-lite-v1%3A0/converse', body: '{"a":"é"}' }],
  ['an ARN', { ...post, path: `/model/${encodeURIComponent(ARN)}/converse-stream`, body: Buffer.from('{}') }],
  ['a port', { ...post, origin: 'http://127.0.0.1:8080', path: '/x', body: '' }],
  ['a query and no body', { ...post, method: 'GET', contentType: '', path: '/x?b=2&a=1%20%2F', body: null }],
  ['characters that no encoding touches', { ...post, path: "/model/it's(a)*test!/invoke", body: '{}' }],
])("is the one of Amazon's own signer for %s", async (_what, request) => {
  expect(sign(request)['authorization']).toBe(await expected(request))
  expect(sign(request, 'token')['authorization']).toBe(await expected(request, 'token'))
})

test('names its time, and the session of temporary keys', () => {
  const headers = sign({ ...post, path: '/x', body: '' }, 'token')
  expect(headers['x-amz-date']).toBe('20260102T030405Z')
  expect(headers['x-amz-security-token']).toEqual(new Secret('token'))
})

test('changes its key with the day and with the credentials', () => {
  const signer = new AwsSigner({ service: 'bedrock', region: 'eu-west-1' })
  const request: SignableRequest = { ...post, path: '/x', body: '' }
  const signatureOf = (secret: string, now: Date): unknown =>
    signer.sign(request, { accessKeyId: 'AKID', secretAccessKey: new Secret(secret) }, now)['authorization']
  const tomorrow = new Date(NOW.getTime() + 86_400_000)
  const signatures = [
    signatureOf('a', NOW),
    signatureOf('b', NOW),
    signatureOf('a', tomorrow),
    signatureOf('a', NOW),
  ]
  expect(new Set(signatures).size).toBe(3)
  expect(signatures[0]).toBe(signatures[3])
})
