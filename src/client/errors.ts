/** What a `GatewayRequestError` is made of. */
export interface GatewayRequestErrorOptions {
  status: number
  body: unknown
  detail: string
  retryAfter: number | undefined
  requestId: string | undefined
}

/** The gateway answered, and its answer was an error or could not be used. */
export class GatewayRequestError extends Error {
  override readonly name = 'GatewayRequestError'
  /** HTTP status. For an error inside a stream: the status that the event names, else the stream's own 200. */
  readonly status: number
  /** Parsed JSON, or the text when it was no JSON. */
  readonly body: unknown
  /** What the body says went wrong, in one line; '' when it says nothing. */
  readonly detail: string
  /** Seconds until the gateway wants to be asked again, from `Retry-After`. */
  readonly retryAfter: number | undefined
  /** `x-request-id` of the answer, to find it in the gateway's log. */
  readonly requestId: string | undefined

  constructor(message: string, options: GatewayRequestErrorOptions) {
    super(message)
    this.status = options.status
    this.body = options.body
    this.detail = options.detail
    this.retryAfter = options.retryAfter
    this.requestId = options.requestId
  }
}

/** No usable answer came: the gateway could not be reached, or the connection ended before the answer was whole. */
export class GatewayConnectionError extends Error {
  override readonly name = 'GatewayConnectionError'
}

/** The answer did not come within `timeoutMs`. */
export class GatewayTimeoutError extends Error {
  override readonly name = 'GatewayTimeoutError'
  readonly timeoutMs: number

  constructor(message: string, timeoutMs: number) {
    super(message)
    this.timeoutMs = timeoutMs
  }
}
