import type { AttemptRecord, Trail } from '../core/trail.ts'

/** A trail as JSON: what was decided, and every attempt. No body and no credential is in it. */
export interface ExplainedTrail {
  attempts: {
    route: string
    target: string
    reason: string
    outcome: string
    started_ms: number
    ms?: number
    waited_ms?: number
    error?: string
    lost_input_tokens?: number
    lost_usd?: number
  }[]
  decisions?: { by: string; what: string; target?: string }[]
}

/** `tellsWhy`: with the providers' own words about failures, which may repeat what users wrote: for these, not for logs. */
export function explainTrail({ attempts, decisions }: Trail, tellsWhy: boolean): ExplainedTrail {
  const explained: ExplainedTrail = { attempts: attempts.map((attempt) => explainAttempt(attempt, tellsWhy)) }
  if (decisions.length > 0) explained.decisions = [...decisions]
  return explained
}

function explainAttempt(record: AttemptRecord, tellsWhy: boolean): ExplainedTrail['attempts'][number] {
  const { route, target, reason, outcome = 'under way', startedMs, waitedMs, tookMs, message } = record
  const explained: ExplainedTrail['attempts'][number] = {
    route,
    target,
    reason,
    outcome,
    started_ms: round(startedMs),
  }
  if (tookMs !== undefined) explained.ms = round(tookMs)
  if (waitedMs > 0) explained.waited_ms = round(waitedMs)
  if (record.lostInputTokens !== undefined) explained.lost_input_tokens = record.lostInputTokens
  if (record.lostUsd !== undefined) explained.lost_usd = record.lostUsd
  if (tellsWhy && message !== undefined) explained.error = message
  return explained
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
