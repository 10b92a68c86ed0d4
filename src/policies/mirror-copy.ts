import type { ByteSource } from '../core/bytes.ts'
import type { Call } from '../core/call.ts'
import { Cancellation } from '../core/cancel.ts'
import { GatewayError, toGatewayError } from '../core/error.ts'
import type { PolicyTools } from '../core/policy.ts'
import type { Finish } from '../core/reply.ts'
import { Trail } from '../core/trail.ts'

/** Copies under way in this worker, all routes together; beyond it none is made. */
const MAX_COPIES = 100
/** What a copy may take in all, and how much of its answer is read. */
const MAX_MS = 60_000
const MAX_BYTES = 16 * 1024 * 1024
const ID_SUFFIX = '-mirror'

export interface Mirror {
  readonly route: string
  readonly tools: PolicyTools
}

let underWay = 0

/** A copy is not copied: two routes that mirror each other would never come to an end. */
export function isCopy({ id }: Call): boolean {
  return id.endsWith(ID_SUFFIX)
}

/** Sends a copy of the call to another route, once what is at hand is done. Whatever comes of it is only recorded. */
export function sendCopy(original: Call, mirror: Mirror): void {
  if (underWay >= MAX_COPIES) {
    original.trail.note('mirror', `no copy to ${mirror.route}: ${MAX_COPIES} are under way`)
    return
  }
  underWay++
  original.trail.note('mirror', `copied to ${mirror.route}`)
  setImmediate(() => {
    void runCopy(original, mirror).finally(() => underWay--)
  })
}

async function runCopy(original: Call, mirror: Mirror): Promise<void> {
  const signal = new Cancellation()
  const call: Copy = { ...original, id: original.id + ID_SUFFIX, signal, trail: new Trail() }
  const timer = setTimeout(() => signal.abort(tooLong()), MAX_MS)
  // A route that does not even heed its signal must not keep its place among the copies.
  const cut = new Promise<Outcome>((resolve) => {
    signal.addEventListener('abort', () =>
      resolve({ dropped: [], finish: { error: toGatewayError(signal.reason) } }),
    )
  })
  const { dropped, finish, firstByteMs } = await Promise.race([receive(call, mirror), cut])
  clearTimeout(timer)
  const durationMs = performance.now() - call.trail.startedAt
  try {
    mirror.tools.recordUnseen({
      call,
      route: mirror.route,
      firstByteMs: firstByteMs ?? durationMs,
      durationMs,
      dropped,
      finish,
    })
  } catch {
    // There is nobody to tell: the client's request has its own record.
  }
}

/** Its signal is its own: a client that leaves does not end it. */
type Copy = Call & { readonly signal: Cancellation }

interface Outcome {
  readonly dropped: readonly string[]
  readonly finish: Finish
  readonly firstByteMs?: number
}

async function receive(call: Copy, { route, tools }: Mirror): Promise<Outcome> {
  try {
    const { body, dropped, finished } = await tools.run(route, call)
    const firstByteMs = performance.now() - call.trail.startedAt
    if (body.type === 'stream') discard(body.source, call.signal)
    return { dropped, firstByteMs, finish: await finished }
  } catch (thrown) {
    return { dropped: [], finish: { error: toGatewayError(thrown) } }
  }
}

/** Reads without holding anything back or keeping anything; one that does not stop is stopped. */
function discard(source: ByteSource<Buffer | string>, signal: Cancellation): void {
  if (signal.aborted) {
    source.cancel()
    return
  }
  signal.addEventListener('abort', () => source.cancel())
  let bytes = 0
  source.flow({
    data(chunk): void {
      bytes += chunk.length
      if (bytes > MAX_BYTES) signal.abort(tooMuch())
    },
    end: () => undefined,
    error: () => undefined,
  })
}

function tooLong(): GatewayError {
  const message = `The copy of a request had no complete answer within ${MAX_MS / 1000} seconds.`
  return new GatewayError(message, { kind: 'timeout', status: 504 })
}

function tooMuch(): GatewayError {
  const message = `The answer to the copy of a request is longer than ${MAX_BYTES} bytes.`
  return new GatewayError(message, { kind: 'bad_response', status: 502 })
}
