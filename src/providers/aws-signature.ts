import { createHash, createHmac } from 'node:crypto'
import type { Secret } from '../core/secret.ts'
import type { HttpHeaders, OutgoingRequest } from './http-provider.ts'

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: Secret
  /** With credentials that expire. */
  readonly sessionToken?: Secret
}

/** A request whose body is known in full. */
export type SignableRequest = OutgoingRequest & { body: Buffer | string | null }

const ALGORITHM = 'AWS4-HMAC-SHA256'

/**
 * Signs requests to one of Amazon's services in one region, with the fourth version of its signature.
 * Spec: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export class AwsSigner {
  readonly #service: string
  readonly #region: string
  /** A key is good for a day, and takes four hashes to make. */
  #key: { owner: AwsCredentials; day: string; bytes: Buffer } | undefined

  constructor({ service, region }: { service: string; region: string }) {
    this.#service = service
    this.#region = region
  }

  /** The headers to add. `path` is signed as it is sent: already percent-encoded. */
  sign(request: SignableRequest, credentials: AwsCredentials, now: Date = new Date()): HttpHeaders {
    const time = now.toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
    const day = time.slice(0, 8)
    const scope = `${day}/${this.#region}/${this.#service}/aws4_request`
    const { lines, names } = canonicalHeaders(request, time, credentials)
    const [path, query] = split(request.path)
    const canonical = [
      request.method,
      path.split('/').map(encode).join('/'),
      canonicalQuery(query),
      lines,
      names,
      sha256(request.body ?? ''),
    ].join('\n')
    const toSign = [ALGORITHM, time, scope, sha256(canonical)].join('\n')
    const signature = createHmac('sha256', this.#keyOf(credentials, day)).update(toSign).digest('hex')
    const { accessKeyId, sessionToken } = credentials
    const credential = `Credential=${accessKeyId}/${scope}`
    return {
      'x-amz-date': time,
      ...(sessionToken ? { 'x-amz-security-token': sessionToken } : {}),
      authorization: `${ALGORITHM} ${credential}, SignedHeaders=${names}, Signature=${signature}`,
    }
  }

  #keyOf(credentials: AwsCredentials, day: string): Buffer {
    if (this.#key?.owner === credentials && this.#key.day === day) return this.#key.bytes
    const secret = Buffer.from(`AWS4${credentials.secretAccessKey.reveal()}`)
    const bytes = [day, this.#region, this.#service, 'aws4_request'].reduce<Buffer>(
      (key, part) => createHmac('sha256', key).update(part).digest(),
      secret,
    )
    this.#key = { owner: credentials, day, bytes }
    return bytes
  }
}

/** In the order of their names, as the signature wants them. */
function canonicalHeaders(
  { origin, contentType }: OutgoingRequest,
  time: string,
  { sessionToken }: AwsCredentials,
): { lines: string; names: string } {
  const headers = [
    ...(contentType === '' ? [] : [['content-type', contentType]]),
    ['host', new URL(origin).host],
    ['x-amz-date', time],
    ...(sessionToken ? [['x-amz-security-token', sessionToken.reveal()]] : []),
  ]
  return {
    lines: headers.map(([name, value]) => `${name}:${value}\n`).join(''),
    names: headers.map(([name]) => name).join(';'),
  }
}

function split(path: string): [path: string, query: string] {
  const mark = path.indexOf('?')
  return mark === -1 ? [path, ''] : [path.slice(0, mark), path.slice(mark + 1)]
}

function canonicalQuery(query: string): string {
  if (query === '') return ''
  return [...new URLSearchParams(query)]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join('&')
}

/** Percent-encoding of all but unreserved characters. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.codePointAt(0)?.toString(16).toUpperCase()}`,
  )
}

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex')
}
