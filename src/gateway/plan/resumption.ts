import type { Call } from '../../core/call.ts'
import { Cancellation } from '../../core/cancel.ts'
import type { ChatClientRequest } from '../../core/dialect.ts'
import { toGatewayError } from '../../core/error.ts'
import type { Broken, Continuation, Resume } from '../../core/resume.ts'
import { ContinuedRequest } from '../continued-request.ts'
import { abortAfter } from './deadline.ts'
import type { Plan, PlanTarget } from './plan.ts'
import { Selection } from './selection.ts'
import { Trial } from './trial.ts'

export interface ResumeSetup {
  readonly call: Call
  readonly request: ChatClientRequest
  readonly plan: Plan
  /** The attempt whose stream may break off. */
  readonly trial: Trial
  /** How many more attempts the request may make. */
  readonly attemptsLeft: number
  readonly isOutOfTime: () => boolean
}

/** Who continues a stream that breaks off: the route's other targets, then those of its fallbacks, each once. */
export function resumption({ call, request, plan, trial, attemptsLeft, isOutOfTime }: ResumeSetup): Resume {
  const spent = new Set([trial.target])
  let current = trial
  let left = attemptsLeft
  return async (broken) => {
    current.broke(broken.error)
    for (const target of candidates(plan, call)) {
      if (left === 0 || call.signal.aborted) return undefined
      if (spent.has(target) || !target.open) continue
      spent.add(target)
      left--
      call.trail.note('retries', `${broken.error.kind}: the stream goes on from another target`, target.name)
      const next = new Trial(target, call, { reason: 'resume', waitedMs: 0 })
      const continuation = await ask(next, { call, request, broken })
      if (!continuation) continue
      current = next
      void broken.finished.then((finish) =>
        next.finished(finish, { isStream: true, isOutOfTime: isOutOfTime() }),
      )
      return continuation
    }
    return undefined
  }
}

/** In the order of the strategies, the healthy ones of the route and then of its fallbacks. */
function* candidates(plan: Plan, call: Call): Generator<PlanTarget> {
  for (const { group } of [plan, ...plan.fallbacks.map((fallback) => fallback.plan)]) {
    const selection = new Selection(group, call)
    // What is continued is no new request, of which each has a share.
    selection.hasChosen()
    for (;;) {
      const target = selection.next(performance.now())
      if (!target) break
      selection.spend(target)
      yield target
    }
  }
}

async function ask(
  trial: Trial,
  { call, request, broken }: { call: Call; request: ChatClientRequest; broken: Broken },
): Promise<Continuation | undefined> {
  const { open, name, settings } = trial.target
  const { firstTokenMs } = settings.timeout
  const signal = new Cancellation(call.signal)
  const timer = firstTokenMs === undefined ? undefined : abortAfter(signal, firstTokenMs, 'its first content')
  try {
    const continuation = await open?.({
      ...call,
      signal,
      request: new ContinuedRequest(request, broken.text),
    })
    trial.answered()
    void broken.finished.then(() => signal.release())
    return continuation && { ...continuation, target: name }
  } catch (thrown) {
    signal.release()
    trial.failed(toGatewayError(thrown))
    return undefined
  } finally {
    clearTimeout(timer)
  }
}
