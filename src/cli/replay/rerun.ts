import type { Call } from '../../core/call.ts'
import { Caller } from '../../core/caller.ts'
import { Cancellation } from '../../core/cancel.ts'
import { toGatewayError } from '../../core/error.ts'
import type { Next } from '../../core/policy.ts'
import type { Reply } from '../../core/reply.ts'
import type { RouteInfo, ServerSettings } from '../../core/route.ts'
import { Trail } from '../../core/trail.ts'
import { answerText, type Outcome } from './outcome.ts'
import type { Rerun } from './rerunnable.ts'

interface RerunSetup {
  /** Of the call. */
  readonly id: string
  readonly route: { readonly info: RouteInfo; readonly run: Next }
  readonly settings: ServerSettings
}

/** Sends a recorded request through a route. Never rejects: a failure is an outcome too. */
export async function rerun(request: Rerun, { id, route, settings }: RerunSetup): Promise<Outcome> {
  const startedAt = performance.now()
  const elapsed = (): number => performance.now() - startedAt
  try {
    const call: Call = {
      id,
      route: route.info,
      request: request.read({ route: route.info, settings }),
      caller: new Caller(request.head),
      signal: new Cancellation(),
      trail: new Trail(),
    }
    const reply = await route.run(call)
    const firstMs = elapsed()
    const body = await readAll(reply)
    const { usage, error } = await reply.finished
    const contentType =
      reply.body.contentType ?? (reply.body.type === 'stream' ? 'text/event-stream' : JSON_TYPE)
    const text = answerText(request.format, { contentType, body })
    return {
      status: reply.status ?? 200,
      ...(error && { error: error.kind }),
      firstMs,
      totalMs: elapsed(),
      ...(usage && { usage }),
      ...(text !== undefined && { text }),
    }
  } catch (thrown) {
    const { status, kind } = toGatewayError(thrown)
    return { status, error: kind, totalMs: elapsed() }
  }
}

const JSON_TYPE = 'application/json'

function readAll({ body }: Reply): Promise<Buffer> {
  if (body.type === 'whole') return Promise.resolve(Buffer.from(body.text))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    body.source.flow({
      data: (chunk) => void chunks.push(Buffer.from(chunk)),
      end: () => resolve(Buffer.concat(chunks)),
      error: reject,
    })
  })
}
