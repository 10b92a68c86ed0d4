import { Agent, request } from 'undici'
import { ForbiddenAddress, guardedLookup } from './address-guard.ts'
import type { Alert } from './alert.ts'
import { sign } from './sign.ts'
import type { Webhook } from './webhook.ts'
import { webhookProblem } from './webhook-problem.ts'

/** How one try went. */
export type Posted =
  | { readonly ok: true }
  /** `again`: after how many milliseconds at least another try makes sense; absent: never. */
  | { readonly ok: false; readonly problem: string; readonly again?: number }

const TIMEOUT_MS = 10_000
/** Of an answer nobody reads more. */
const MAX_ANSWER_BYTES = 64 * 1024
/** Answers of those who may take it later, beside all of 500 and above. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429])
const LONGEST_AGAIN_MS = 300_000

const agents = {
  public: new Agent({ connect: { lookup: guardedLookup(false) }, pipelining: 0 }),
  private: new Agent({ connect: { lookup: guardedLookup(true) }, pipelining: 0 }),
}

/** Sends an alert once. Never rejects, never follows a redirect, and says nothing of the URL. */
export async function postAlert(
  alert: Alert,
  { url, secret, isPrivate }: Webhook,
  signal: AbortSignal,
): Promise<Posted> {
  // Sockets look up no address that is written as one.
  const wrong = webhookProblem(url.reveal(), isPrivate)
  if (wrong !== undefined) return { ok: false, problem: wrong }
  const body = JSON.stringify(alert)
  const timestamp = Math.floor(Date.now() / 1000)
  try {
    const answer = await request(url.reveal(), {
      method: 'POST',
      dispatcher: isPrivate ? agents.private : agents.public,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'mlflow-gateway',
        'webhook-id': alert.id,
        'webhook-timestamp': String(timestamp),
        ...(secret && { 'webhook-signature': sign({ id: alert.id, timestamp, body }, secret.reveal()) }),
      },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    await answer.body.dump({ limit: MAX_ANSWER_BYTES })
    const { statusCode: status } = answer
    if (status >= 200 && status < 300) return { ok: true }
    const problem = `it answered ${status}`
    if (status < 500 && !LATER.has(status)) return { ok: false, problem }
    return { ok: false, problem, again: againAfter(answer.headers['retry-after']) }
  } catch (error) {
    if (error instanceof ForbiddenAddress) return { ok: false, problem: error.message }
    return { ok: false, problem: explain(error), again: 0 }
  }
}

function againAfter(header: string | string[] | undefined): number {
  const seconds = Number(header ?? 0)
  return Number.isFinite(seconds) ? Math.min(seconds * 1000, LONGEST_AGAIN_MS) : 0
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return 'it cannot be reached'
  if (error.name === 'TimeoutError') return `it did not answer within ${TIMEOUT_MS / 1000} s`
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
