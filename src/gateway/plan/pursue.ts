import type { Call } from '../../core/call.ts'
import { Cancellation } from '../../core/cancel.ts'
import { GatewayError, toGatewayError } from '../../core/error.ts'
import type { Next } from '../../core/policy.ts'
import { estimateUsd } from '../../core/prices.ts'
import type { Reply } from '../../core/reply.ts'
import type { AttemptReason } from '../../core/trail.ts'
import { estimateTokens } from '../estimate-tokens.ts'
import { conversationOf, targetFor } from './affinity.ts'
import { abortAfter, Deadline, pause } from './deadline.ts'
import { HedgeBudget, race } from './hedge.ts'
import { nextStep } from './next-step.ts'
import { isTarget, type Group, type Plan, type PlanTarget } from './plan.ts'
import { resumption } from './resumption.ts'
import type { RetryBudget } from './retry-budget.ts'
import { hasAvailable, reachable, Selection } from './selection.ts'
import { Trial, type How } from './trial.ts'

export interface PursuitTools {
  readonly budget: RetryBudget
  /** From 0 to 1. */
  random(): number
}

/**
 * The way from a call to a reply: targets are tried until one answers, within one deadline and one number of attempts,
 * however retries, keys and fallbacks combine. Nothing is tried any more once the first content has gone to the client.
 */
export function pursue(plan: Plan, tools: PursuitTools): Next {
  const hedges = plan.settings.hedge && new HedgeBudget(plan.settings.hedge.budget)
  return async (call) => {
    tools.budget.request(performance.now())
    const deadline = new Deadline(call.signal, plan.settings.timeout.totalMs)
    try {
      const reply = await new Pursuit({ ...call, signal: deadline.signal }, { deadline, hedges, tools }).run(
        plan,
      )
      void reply.finished.then(() => deadline.done())
      return reply
    } catch (error) {
      deadline.done()
      throw error
    }
  }
}

interface Means {
  readonly deadline: Deadline
  readonly hedges: HedgeBudget | undefined
  readonly tools: PursuitTools
}

class Pursuit {
  readonly #call: Call
  readonly #means: Means
  readonly #isRepeatable: boolean
  #plan: Plan | undefined
  readonly #raced: Trial[] = []
  /** Those that no fallback was, a race's included. */
  #ownAttempts = 0
  readonly #triedFallbacks = new Set<Plan>()

  constructor(call: Call, means: Means) {
    this.#call = call
    this.#means = means
    this.#isRepeatable = isRepeatable(call)
  }

  /** Throws the last failure when every way has failed. */
  async run(plan: Plan): Promise<Reply> {
    this.#plan = plan
    const early = await this.#withoutOwn(plan)
    if (early) return early
    try {
      return await this.#tryOwn(plan)
    } catch (thrown) {
      const error = toGatewayError(thrown)
      for (const { on, plan: other } of plan.fallbacks) {
        if (!on.has(error.kind) || !this.#isRepeatable || this.#call.signal.aborted) continue
        const reply = await this.#fallBack(other, error.kind)
        if (reply) return reply
      }
      throw error
    }
  }

  /** While no target of its own is healthy, a route goes to a fallback that is, without asking its own first. */
  async #withoutOwn({ fallbacks, group }: Plan): Promise<Reply | undefined> {
    if (fallbacks.length === 0 || !this.#isRepeatable) return undefined
    const now = performance.now()
    if (hasAvailable(group, this.#call, now)) return undefined
    const own = reachable(group, this.#call)
    if (own.length === 0) return undefined
    const kind = own.every(({ state }) => state.coolingMs(now) > 0) ? 'rate_limit' : 'overloaded'
    const other = fallbacks.find(({ on, plan }) => on.has(kind) && hasAvailable(plan.group, this.#call, now))
    return other && this.#fallBack(other.plan, 'no target is healthy')
  }

  /** One try at another route. That it failed too is in the trail; the client is told why its own route failed. */
  async #fallBack(plan: Plan, why: string): Promise<Reply | undefined> {
    if (this.#triedFallbacks.has(plan)) return undefined
    this.#triedFallbacks.add(plan)
    const { trail } = this.#call
    const selection = new Selection(plan.group, this.#call)
    const now = performance.now()
    const target = selection.next(now) ?? selection.leastBad(now)
    if (!target) return undefined
    trail.fallbacks++
    trail.note('fallbacks', `${why}: on to route ${plan.route}`, target.name)
    try {
      return await this.#attempt(target, { reason: 'fallback', waitedMs: 0 })
    } catch (thrown) {
      if (toGatewayError(thrown).kind === 'canceled') throw thrown
      return undefined
    }
  }

  async #tryOwn(plan: Plan): Promise<Reply> {
    const selection = new Selection(plan.group, this.#call)
    let repetitions = 0
    let failure: GatewayError | undefined
    let step = { target: this.#first(plan, selection), reason: 'first' as AttemptReason, waitMs: 0 }
    for (;;) {
      const { target, reason, waitMs } = step
      if (reason === 'retry') repetitions++
      if (waitMs > 0) await this.#wait(waitMs)
      // Others may have opened its breaker meanwhile.
      if (failure && reason === 'retry' && !target.state.breaker.isPassable(performance.now())) throw failure
      try {
        return await this.#answerOf(target, { plan, selection, reason, waitedMs: waitMs })
      } catch (thrown) {
        const error = toGatewayError(thrown)
        selection.spend(target)
        const next =
          this.#isRepeatable && !this.#call.signal.aborted
            ? nextStep({
                error,
                failed: target,
                settings: plan.settings.retries,
                attempts: this.#ownAttempts,
                repetitions,
                remainingMs: this.#means.deadline.remainingMs,
                random: this.#means.tools.random(),
                other: () => this.#other(selection, error),
                mayRepeat: target.state.breaker.isPassable(performance.now()),
                takeRetry: () => this.#takeRetry(),
              })
            : undefined
        if (!next) throw error
        failure = error
        step = { ...next }
      }
    }
  }

  #first({ group, settings, route }: Plan, selection: Selection): PlanTarget {
    const now = performance.now()
    const { trail } = this.#call
    // Where the order of targets has a meaning, a header alone does not change it.
    const mayFollow = settings.affinity !== undefined || SPREADING.has(group.strategy.name)
    const conversation =
      mayFollow && hasChoice(group) ? conversationOf(this.#call, settings.affinity) : undefined
    if (conversation !== undefined) {
      const own = targetFor(conversation, group, {
        call: this.#call,
        mayUse: (target) => target.state.isAvailable(now),
      })
      if (own) {
        selection.hasChosen()
        trail.note('affinity', 'the target of this conversation', own.name)
        return own
      }
    }
    const target = selection.next(now)
    if (target) return target
    const leastBad = selection.leastBad(now)
    if (!leastBad) throw nothingFits(route)
    if (leastBad.state.badnessMs(now) > 0) {
      trail.note('circuit_breaker', 'no target is healthy; this one is the least bad', leastBad.name)
    }
    return leastBad
  }

  /** A dead key is no reason to give up while there is any other, however busy. */
  #other(selection: Selection, { retryable }: GatewayError): PlanTarget | undefined {
    const now = performance.now()
    return selection.next(now) ?? (retryable ? undefined : selection.leastBad(now))
  }

  #takeRetry(): boolean {
    if (this.#means.tools.budget.take(performance.now())) return true
    this.#call.trail.note('retries', 'the retry budget is used up')
    return false
  }

  async #wait(ms: number): Promise<void> {
    const startedAt = performance.now()
    try {
      await pause(ms, this.#call.signal)
    } finally {
      this.#call.trail.waitedMs += performance.now() - startedAt
    }
  }

  /** A target's answer, or that of a second one when the first is late. */
  async #answerOf(
    target: PlanTarget,
    { plan, selection, ...how }: How & { plan: Plan; selection: Selection },
  ): Promise<Reply> {
    const { hedge } = plan.settings
    const { hedges } = this.#means
    if (!hedge || !hedges || !this.#isRepeatable) return this.#attempt(target, how)
    hedges.request()
    const reply = await race({
      afterMs: hedge.afterMs,
      signal: this.#call.signal,
      first: (signal) => this.#attempt(target, how, signal),
      second: () => {
        selection.spend(target)
        const other = selection.next(performance.now())
        // One race for each request: attempts are counted, however they combine.
        if (!other || this.#raced.length > 1 || !hedges.take()) return undefined
        this.#call.trail.note('hedge', `no content after ${hedge.afterMs} ms; racing`, other.name)
        return (signal) => {
          selection.spend(other)
          return this.#attempt(other, { reason: 'hedge', waitedMs: 0 }, signal)
        }
      },
    })
    this.#tellLosers()
    return reply
  }

  /** Who lost a race is told with the answer, and what it cost: the prompt was sent, and is paid for. */
  #tellLosers(): void {
    const { trail, request } = this.#call
    for (const { record, target } of this.#raced) {
      const { price } = target
      if (record.outcome !== undefined) continue
      record.outcome = 'canceled'
      record.tookMs = performance.now() - trail.startedAt - record.startedMs
      if (request.operation !== 'chat') continue
      record.lostInputTokens = estimateTokens(request.chat())
      const lostUsd = price && estimateUsd(price, { inputTokens: record.lostInputTokens, outputTokens: 0 })
      if (lostUsd !== undefined) record.lostUsd = lostUsd
    }
  }

  async #attempt(target: PlanTarget, how: How, raced?: Cancellation): Promise<Reply> {
    const { firstTokenMs } = target.settings.timeout
    const signal = raced ?? (firstTokenMs === undefined ? undefined : new Cancellation(this.#call.signal))
    const timer =
      signal && firstTokenMs !== undefined ? abortAfter(signal, firstTokenMs, 'its first content') : undefined
    const trial = new Trial(target, this.#call, how)
    if (how.reason !== 'fallback') this.#ownAttempts++
    if (raced) this.#raced.push(trial)
    try {
      const reply = await target.run(this.#callOf(trial, signal))
      trial.answered()
      void reply.finished.then((finish) => {
        signal?.release()
        const isStream = reply.body.type === 'stream'
        trial.finished(finish, { isStream, isOutOfTime: this.#means.deadline.isOver })
      })
      return reply
    } catch (thrown) {
      signal?.release()
      const error = toGatewayError(thrown)
      trial.failed(error)
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  #callOf(trial: Trial, signal: Cancellation | undefined): Call {
    const call = signal ? { ...this.#call, signal } : this.#call
    const { request } = call
    const plan = this.#plan
    if (!plan?.settings.retries.resumesStreams || request.operation !== 'chat' || !request.stream) return call
    const { deadline } = this.#means
    const resume = resumption({
      call: this.#call,
      request,
      plan,
      trial,
      attemptsLeft: Math.max(plan.settings.retries.max + 1 - this.#ownAttempts, 0),
      isOutOfTime: () => deadline.isOver,
    })
    return { ...call, resume }
  }
}

/** The strategies for which every healthy target is as good as another. */
const SPREADING: ReadonlySet<string> = new Set(['weighted', 'latency', 'least_busy'])

/** A body that is still arriving can be sent only once; and what a raw request does is not known. */
function isRepeatable({ request }: Call): boolean {
  return request.operation !== 'raw' && !('upload' in request && request.upload)
}

/** Whether a group has more than one target: also of several keys. */
function hasChoice({ branches }: Group): boolean {
  const [only] = branches
  return only !== undefined && (branches.length > 1 || (!isTarget(only.inside) && hasChoice(only.inside)))
}

function nothingFits(route: string): GatewayError {
  return new GatewayError(
    `No target of the route '${route}' takes this request: their weights are 0, or their conditions ("when") do not hold for it.`,
    { kind: 'bad_request', status: 400 },
  )
}
