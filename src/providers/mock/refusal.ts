/** An answer other than 200, in OpenAI's error shape. Thrown while a request is read, or chosen as a fault. */
export class Refusal extends Error {
  readonly status: number
  readonly type: string
  readonly param: string | null
  readonly code: string | null
  readonly retryAfter: string | undefined

  constructor(message: string, details: RefusalDetails) {
    super(message)
    this.status = details.status
    this.type = details.type
    this.param = details.param ?? null
    this.code = details.code ?? null
    this.retryAfter = details.retryAfter
  }

  /** `{"error": {message, type, param, code}}` as JSON text. */
  toBody(): string {
    const { message, type, param, code } = this
    return JSON.stringify({ error: { message, type, param, code } })
  }
}

/** What an error says beside its message. */
export interface RefusalDetails {
  status: number
  type: string
  param?: string
  code?: string
  /** The `Retry-After` header. */
  retryAfter?: string
}

/** A 400 for a request that breaks the rules of the OpenAI API. */
export function invalid(param: string | undefined, message: string): Refusal {
  return new Refusal(message, {
    status: 400,
    type: 'invalid_request_error',
    ...(param === undefined ? {} : { param }),
  })
}
