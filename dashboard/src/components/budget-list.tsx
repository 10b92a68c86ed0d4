import type { ReactNode } from 'react'
import type { BudgetAnswer } from '../../../src/admin/contract.ts'
import { formatCost, formatCount, formatMs, formatShare } from '../format.ts'
import { limitText, meterOf } from '../limits.ts'
import { nameOfKey, useKeyNames } from '../use-key-names.ts'
import { Badge } from './basics.tsx'

/** Limits with where they stand. */
export function BudgetList({ budgets }: { budgets: readonly BudgetAnswer[] }): ReactNode {
  return (
    <ul className="divide-y divide-line">
      {budgets.map((budget, index) => (
        <li key={index} className="py-3 first:pt-0 last:pb-0">
          <Budget budget={budget} />
        </li>
      ))}
    </ul>
  )
}

function Budget({ budget }: { budget: BudgetAnswer }): ReactNode {
  const { rule, place, subject, most, used, reserved, resetMs } = budget
  const meter = meterOf(rule)
  const amount = (value: number): string => (meter === 'cost' ? formatCost(value) : formatCount(value))
  const share = most > 0 ? (used + reserved) / most : 1
  const names = useKeyNames()
  const nameOf = (kind: string, name: string): string =>
    `${kind} ${kind === 'key' ? nameOfKey(name, names) : name}`
  const whose = [
    ...(place ? [nameOf(place.kind, place.name)] : []),
    ...Object.entries(subject ?? {}).map(([kind, name]) => nameOf(kind, name)),
  ]
  return (
    <>
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <span className="font-medium wrap-anywhere">
          {limitText(rule)} {rule.action === 'alert' && <Badge>alerts only</Badge>}
        </span>
        <span className="text-sm tabular-nums">
          {amount(used)}
          {reserved > 0 && <span className="text-muted"> + {amount(reserved)} reserved</span>}
          <span className="text-muted"> of {amount(most)}</span>
        </span>
      </div>
      <Meter share={share} label={limitText(rule)} />
      <p className="mt-1 flex flex-wrap justify-between gap-x-3 text-xs text-muted">
        <span className="wrap-anywhere">{whose.length > 0 ? whose.join(', ') : 'the whole gateway'}</span>
        <span>
          {formatShare(share)}
          {meter !== 'concurrent' && ` · new period in ${formatMs(resetMs)}`}
        </span>
      </p>
    </>
  )
}

function Meter({ share, label }: { share: number; label: string }): ReactNode {
  const colour = share >= 1 ? 'fill-(--bad)' : share >= 0.8 ? 'fill-(--warn)' : 'fill-(--accent)'
  return (
    <svg
      className="mt-1.5 h-1.5 w-full rounded-full bg-sunken"
      viewBox="0 0 100 1"
      preserveAspectRatio="none"
      role="img"
      aria-label={`${label}: ${formatShare(share)} used`}
    >
      <rect className={colour} width={Math.min(share, 1) * 100} height="1" />
    </svg>
  )
}
