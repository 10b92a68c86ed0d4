import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Explanation } from '../../../src/admin/contract.ts'
import { formatCost, formatMs, formatShare } from '../format.ts'
import { Badge } from './basics.tsx'

type Target = Explanation['targets'][number]

/** Where a request of a route goes: its share of each target as a line of that width, and what would be tried next. */
export function TrafficMap({ explanation }: { explanation: Explanation }): ReactNode {
  const { targets, order, fallbacks, strategy, notes } = explanation
  return (
    <div className="space-y-4">
      <div className="grid items-stretch sm:grid-cols-[8rem_4rem_minmax(0,1fr)]">
        <div className="flex items-center justify-center rounded-md border border-accent bg-accent-soft px-2 py-3 text-center text-sm font-medium text-accent">
          <span className="wrap-anywhere">{strategy}</span>
        </div>
        <Lines targets={targets} />
        <ul className="flex flex-col justify-around gap-2 pt-2 sm:pt-0">
          {targets.map((target) => (
            <li key={`${target.route} ${target.target}`} className="rounded-md border border-line px-3 py-2">
              <TargetLine target={target} />
            </li>
          ))}
        </ul>
      </div>
      <div>
        <h3 className="text-xs font-semibold text-muted">In this order</h3>
        <p className="mt-1 text-muted">{order.rule}</p>
        <ol className="mt-1 flex flex-wrap items-center gap-1.5">
          {order.tries.map((one, index) => (
            <li key={index} className="flex items-center gap-1.5">
              {index > 0 && <span aria-hidden="true">→</span>}
              <Badge tone={one.why === 'fallback' ? 'warn' : 'accent'}>{one.target}</Badge>
              {one.why === 'fallback' && <span className="text-xs text-muted">fallback</span>}
            </li>
          ))}
        </ol>
        <p className="mt-1 text-xs text-muted">At most {order.maxAttempts} attempts.</p>
      </div>
      {fallbacks.length > 0 && (
        <div>
          <h3 className="text-xs font-semibold text-muted">When that fails</h3>
          <ul className="mt-1 space-y-1">
            {fallbacks.map(({ route, on }) => (
              <li key={route}>
                <Link to="/routes/$name" params={{ name: route }} className="link">
                  {route}
                </Link>{' '}
                <span className="text-muted">on {on.join(', ')}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {notes.length > 0 && (
        <ul className="list-disc pl-5 text-muted">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** From the middle of the left side to each target's middle at the right. */
function Lines({ targets }: { targets: readonly Target[] }): ReactNode {
  return (
    <svg
      className="hidden h-full w-full sm:block"
      viewBox="0 0 100 100"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {targets.map(({ route, target, share, isEligible }, index) => {
        const y = ((index + 0.5) / targets.length) * 100
        return (
          <path
            key={`${route} ${target}`}
            d={`M0 50 C50 50 50 ${y} 100 ${y}`}
            fill="none"
            vectorEffect="non-scaling-stroke"
            strokeWidth={1 + share * 8}
            strokeDasharray={isEligible && share > 0 ? undefined : '3 4'}
            className={isEligible && share > 0 ? 'stroke-(--accent)' : 'stroke-(--line)'}
          />
        )
      })}
    </svg>
  )
}

function TargetLine({
  target: { target, share, state, priceUsd, isEligible, reasons, weights },
}: {
  target: Target
}): ReactNode {
  const facts = [
    `weight ${weights.join(' × ')}`,
    state.firstContentMs === null ? undefined : `first content after ${formatMs(state.firstContentMs)}`,
    priceUsd === null ? undefined : `about ${formatCost(priceUsd)} a request`,
    state.inFlight > 0 ? `${state.inFlight} under way` : undefined,
  ]
  return (
    <>
      <div className="flex flex-wrap items-baseline justify-between gap-2">
        <span className="font-medium wrap-anywhere">{target}</span>
        <span className="flex items-baseline gap-1.5">
          {state.breaker !== 'closed' && <Badge tone="bad">breaker {state.breaker}</Badge>}
          {state.coolsForMs > 0 && <Badge tone="warn">spared for {formatMs(state.coolsForMs)}</Badge>}
          <span className="tabular-nums">{formatShare(share)}</span>
        </span>
      </div>
      <p className="text-xs text-muted">{facts.filter((fact) => fact !== undefined).join(' · ')}</p>
      {!isEligible && reasons.length > 0 && <p className="text-xs text-bad">{reasons.join('; ')}</p>}
    </>
  )
}
