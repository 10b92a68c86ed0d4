/**
 * The class of a failure. It decides what may happen next (retry, fall back, tell the caller), so it is set where the
 * failure is understood and never guessed from a status later.
 */
export type ErrorKind =
  | 'bad_request'
  /** The caller's own credential is missing or not good. */
  | 'unauthorized'
  /** The caller is known, and may not do this. */
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'too_large'
  /** More tokens than the model takes: a shorter prompt or another model helps, a repetition does not. */
  | 'context_window'
  /** The provider's filter refuses what was asked or what was about to be answered. */
  | 'content_policy'
  /** The provider does not serve the model that the target names. */
  | 'model_not_found'
  /** The provider refuses the target's key: wrong, not allowed, or without money. Only another key or target helps. */
  | 'auth'
  | 'rate_limit'
  | 'overloaded'
  | 'server_error'
  | 'timeout'
  | 'connect'
  | 'bad_response'
  | 'truncated'
  | 'canceled'
  | 'draining'
  /** The gateway itself has too much to do, or this caller asks for too much. */
  | 'busy'
  | 'internal'

/** One way for anything in the gateway to fail; the client's dialect turns it into bytes once, at the edge. */
export interface GatewayErrorOptions {
  kind: ErrorKind
  /** HTTP status for the client. */
  status: number
  /** A structured body for dialects that show one (a list of field errors, or a provider's own JSON). */
  detail?: unknown
  /** The canonical request field at fault. `{parameter}` in the message stands for the client's word for it. */
  parameter?: string
  /** The provider's own word for the failure (`context_length_exceeded`), for dialects that show one. */
  code?: string
  /** The provider's own `Retry-After`, unchanged. */
  retryAfter?: string
  cause?: unknown
}

export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly kind: ErrorKind
  readonly status: number
  readonly detail: unknown
  readonly parameter: string | undefined
  readonly code: string | undefined
  readonly retryAfter: string | undefined

  constructor(message: string, options: GatewayErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.kind = options.kind
    this.status = options.status
    this.detail = options.detail
    this.parameter = options.parameter
    this.code = options.code
    this.retryAfter = options.retryAfter
  }

  /** The same failure in other words. */
  withMessage(message: string): GatewayError {
    const { kind, status, detail, parameter, code, retryAfter, cause } = this
    return new GatewayError(message, {
      kind,
      status,
      detail,
      cause,
      ...(parameter === undefined ? {} : { parameter }),
      ...(code === undefined ? {} : { code }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    })
  }

  /** Whether another attempt may succeed: never true for the caller's own mistakes. */
  get retryable(): boolean {
    return RETRYABLE.has(this.kind)
  }
}

const RETRYABLE: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'rate_limit',
  'overloaded',
  'server_error',
  'timeout',
  'connect',
  'bad_response',
  'truncated',
])

/** Any thrown value as a `GatewayError`; what is not one yet is a fault of ours and says nothing about its inside. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  return new GatewayError('The gateway failed while handling this request.', {
    kind: 'internal',
    status: 500,
    cause: thrown,
  })
}
