import type { PlanSettings } from '../../core/plan-settings.ts'
import type {
  ExplainedFallback,
  ExplainedTarget,
  ExplainedTry,
  Explanation,
  UpstreamRequest,
} from './explanation.ts'

/** An explanation as lines for people. */
export function printExplanation(explanation: Explanation): string {
  const { route, type, operation, stream, strategy, targets, affinity, order, settings } = explanation
  const sections = [
    [`Route ${route} (${type}), strategy ${strategy}: ${operation}${stream ? ', streamed' : ''}`],
    ['Targets', ...table(targets)],
    ...(affinity ? [['Affinity', `  ${affinityLine(affinity)}`]] : []),
    [`Order   ${order.rule}`, ...order.tries.map(tryLine), `  at most ${order.maxAttempts} attempts on them`],
    ['Settings', ...settingLines(settings)],
    ...(explanation.policies.length > 0
      ? [
          [
            'Policies',
            ...explanation.policies.map(({ name, options }) => `  ${name}  ${JSON.stringify(options)}`),
          ],
        ]
      : []),
    ...explanation.fallbacks.map(fallbackLines),
    ...(explanation.notes.length > 0 ? [['Note', ...explanation.notes.map((note) => `  ${note}`)]] : []),
    ...(explanation.upstream ? [upstreamLines(explanation.upstream)] : []),
  ]
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function table(targets: readonly ExplainedTarget[]): string[] {
  const rows = targets.map((target) => [
    `${target.route}/${target.target}`,
    target.weights.join(' > '),
    `${(target.share * 100).toFixed(1)} %`,
    stateOf(target),
    target.isEligible ? 'eligible' : `ruled out: ${target.reasons.join('; ')}`,
  ])
  const lines = align([['target', 'weight', 'share', 'state', ''], ...rows])
  const refusals = targets.flatMap(({ target, refusal }) =>
    refusal === null ? [] : [`  ${target} would refuse: ${refusal}`],
  )
  return [...lines, ...refusals]
}

function stateOf({ state, priceUsd }: ExplainedTarget): string {
  const { breaker, inFlight, firstContentMs, msPerToken } = state
  return [
    breaker,
    `${inFlight} under way`,
    ...(firstContentMs === null ? [] : [`first content ${firstContentMs.toFixed(0)} ms`]),
    ...(msPerToken === null ? [] : [`${msPerToken.toFixed(1)} ms per token`]),
    ...(priceUsd === null ? [] : [`$${Number(priceUsd.toPrecision(3))}`]),
  ].join(', ')
}

function affinityLine({ by, conversation, target }: NonNullable<Explanation['affinity']>): string {
  const where = target === null ? 'none of its targets is healthy' : `goes to ${target}`
  return `by ${by}: conversation ${conversation} ${where}`
}

function tryLine({ route, target, why }: ExplainedTry, index: number): string {
  return `  ${index + 1}. ${route}/${target}${why === 'strategy' ? '' : ` (${why})`}`
}

function settingLines({ retries, timeout, breaker, hedge }: PlanSettings): string[] {
  const { connectMs, firstTokenMs, idleMs, totalMs } = timeout
  const times = { connect: connectMs, 'first token': firstTokenMs, idle: idleMs, total: totalMs }
  const limits = Object.entries(times).flatMap(([name, ms]) =>
    ms === undefined ? [] : [`${name} ${time(ms)}`],
  )
  const { max, initialMs, maxMs, respectRetryAfter, resumesStreams } = retries
  const backoff = `backoff up to ${time(initialMs)}, doubled to ${time(maxMs)}`
  const honours = respectRetryAfter ? ', Retry-After is honoured' : ''
  return align([
    ['retries', `${max}, ${backoff}${honours}${resumesStreams ? ', broken streams are resumed' : ''}`],
    ['timeout', limits.join(', ')],
    [
      'circuit_breaker',
      breaker
        ? `${breaker.failures} failures (${breaker.share * 100} % at least) in ${time(breaker.windowMs)}, open for ${time(breaker.cooldownMs)}`
        : 'off',
    ],
    ...(hedge ? [['hedge', `after ${time(hedge.afterMs)}, for ${hedge.budget * 100} % of requests`]] : []),
  ])
}

function fallbackLines({ route, on, targets, first }: ExplainedFallback): string[] {
  return [
    `Fallback to route ${route}, on ${on.join(', ')}`,
    ...table(targets),
    first === null ? '  no target of it takes this request' : `  asks ${first}`,
  ]
}

function upstreamLines({ dropped, http, body, notes, ...about }: UpstreamRequest): string[] {
  const { route, target, provider, format, isTranslated } = about
  return [
    `Request to ${route}/${target} (${provider}, ${format}), ${isTranslated ? 'translated' : 'passed through'}; it was not sent`,
    ...(dropped.length > 0 ? [`  dropped: ${dropped.join(', ')}`] : []),
    ...notes.map((note) => `  ${note}`),
    '',
    http?.curl ?? body,
  ]
}

/** Columns as wide as their widest cell. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  )
}

function time(ms: number): string {
  return ms >= 1000 ? `${ms / 1000}s` : `${ms}ms`
}
