import type { IncomingMessage, ServerResponse } from 'node:http'
import { Cancellation } from '../core/cancel.ts'
import { GatewayError } from '../core/error.ts'
import type { CallRecord } from '../gateway/record.ts'

/** A request that has no record yet. */
export interface InProgress {
  readonly startedAt: number
  /** The file that has a line of it, for whoever notes it. */
  notedIn: number | undefined
  /** The record as it would be if the request broke off now. */
  soFar(): CallRecord
}

/** A client that takes no byte for this long is cut off, so that it cannot hold a provider's stream for ever. */
const STALL_TIMEOUT_MS = 60_000

/**
 * One client request's life: the signal that is aborted when the client leaves, armed before the first await, and the
 * way to end it from our side.
 */
export class ClientConnection {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Its place in `UnderWay`. */
  place = -1
  /** What is being done for it. */
  inProgress: InProgress | undefined
  readonly signal: Cancellation = new Cancellation()
  #stall: NodeJS.Timeout | undefined

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request
    this.response = response
    // The request's own `close` comes as soon as its body is read; only the response's tells that the client left.
    response.on('close', () => {
      clearTimeout(this.#stall)
      if (!response.writableFinished) this.signal.abort(left())
    })
  }

  /** Write. When the client cannot take more for now, gives false and calls `resume` as soon as it can. */
  write(chunk: Buffer | string, resume: () => void): boolean {
    const { response } = this
    // Its `close` has been: nobody would clear the timer any more.
    if (response.destroyed) return false
    if (response.write(chunk)) return true
    if (this.#stall) return false
    this.#stall = setTimeout(() => response.destroy(), STALL_TIMEOUT_MS)
    response.once('drain', () => {
      clearTimeout(this.#stall)
      this.#stall = undefined
      resume()
    })
    return false
  }
}

function left(): GatewayError {
  return new GatewayError('The client left before the answer was complete.', {
    kind: 'canceled',
    status: 499,
  })
}
