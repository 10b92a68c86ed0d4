import type { Call } from '../../core/call.ts'
import type { ChatClientRequest } from '../../core/dialect.ts'
import { toGatewayError } from '../../core/error.ts'
import type { Broken, Continuation, Resume } from '../../core/resume.ts'
import type { AttemptRecord } from '../../core/trail.ts'
import { ContinuedRequest } from '../continued-request.ts'
import type { Plan, PlanTarget } from './plan.ts'
import { Selection } from './selection.ts'

export interface ResumeSetup {
  readonly call: Call
  readonly request: ChatClientRequest
  readonly plan: Plan
  /** Whose stream may break off. */
  readonly target: PlanTarget
}

/**
 * Who continues a stream that breaks off: the route's other targets, then those of its fallbacks, each once, as often as
 * the route repeats requests at all.
 */
export function resumption({ call, request, plan, target: first }: ResumeSetup): Resume {
  const { trail } = call
  const spent = new Set([first])
  let current = first
  let left = plan.settings.retries.max
  return async (broken) => {
    const now = performance.now()
    current.state.breakOff(now, broken.error, current.settings.breaker)
    for (const target of candidates(plan, call)) {
      if (left === 0 || call.signal.aborted) return undefined
      if (spent.has(target)) continue
      spent.add(target)
      left--
      trail.note('retries', `${broken.error.kind}: the stream goes on from another target`, target.name)
      const continuation = await ask(target, { call, request, broken })
      if (!continuation) continue
      current = target
      return continuation
    }
    return undefined
  }
}

/** In the order of the strategies, the healthy ones of the route and then of its fallbacks. */
function* candidates(plan: Plan, call: Call): Generator<PlanTarget> {
  for (const { group } of [plan, ...plan.fallbacks.map((fallback) => fallback.plan)]) {
    const selection = new Selection(group, call)
    for (;;) {
      const target = selection.next(performance.now())
      if (!target) break
      selection.spend(target)
      yield target
    }
  }
}

async function ask(
  target: PlanTarget,
  { call, request, broken }: { call: Call; request: ChatClientRequest; broken: Broken },
): Promise<Continuation | undefined> {
  const { state, settings, open } = target
  if (!open) return undefined
  const { trail } = call
  const startedAt = performance.now()
  const record: AttemptRecord = {
    route: target.route,
    target: target.name,
    model: target.model,
    reason: 'resume',
    startedMs: startedAt - trail.startedAt,
    waitedMs: 0,
  }
  trail.attempts.push(record)
  const isProbe = state.begin(startedAt)
  try {
    const continuation = await open({ ...call, request: new ContinuedRequest(request, broken.text) })
    const now = performance.now()
    record.tookMs = now - startedAt
    record.outcome = 'ok'
    state.succeed(now, { tookMs: record.tookMs, breaker: settings.breaker })
    void broken.finished.then((finish) => {
      state.finish(performance.now(), {
        finish,
        answeredAt: now,
        breaker: settings.breaker,
        isStream: true,
      })
    })
    return { ...continuation, target: target.name }
  } catch (thrown) {
    const error = toGatewayError(thrown)
    const now = performance.now()
    record.tookMs = now - startedAt
    record.outcome = error.kind
    record.message = error.message
    state.fail(now, error, { breaker: settings.breaker, isProbe })
    return undefined
  }
}
