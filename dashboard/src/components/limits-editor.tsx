import type { ReactNode } from 'react'
import type { WrittenLimit } from '../../../src/admin/contract.ts'
import { limitText, type Meter, meterOf, PERIODS_OF_LIMITS } from '../limits.ts'
import { Button } from './basics.tsx'

const METERS: readonly (readonly [meter: Meter, name: string])[] = [
  ['requests', 'requests'],
  ['tokens', 'tokens'],
  ['cost', 'USD'],
  ['concurrent', 'at a time'],
]

/** Limits and budgets of one object. */
export function LimitsEditor({
  limits,
  onChange,
}: {
  limits: readonly WrittenLimit[]
  onChange: (limits: readonly WrittenLimit[]) => void
}): ReactNode {
  const change = (index: number, limit: WrittenLimit): void =>
    onChange(limits.map((one, place) => (place === index ? limit : one)))
  return (
    <fieldset className="space-y-2">
      <legend className="mb-1 text-sm font-medium">Limits and budgets</legend>
      {limits.length === 0 && <p className="text-xs text-muted">None.</p>}
      {limits.map((limit, index) => (
        <div
          key={index}
          className="flex flex-wrap items-center gap-2"
          role="group"
          aria-label={`Limit ${index + 1}`}
        >
          {isSimple(limit) ? (
            <Row limit={limit} onChange={(next) => change(index, next)} />
          ) : (
            <span className="text-sm">{limitText(limit)}</span>
          )}
          <Button
            look="quiet"
            aria-label={`Remove limit ${index + 1}`}
            onClick={() => onChange(limits.filter((_, place) => place !== index))}
          >
            ✕
          </Button>
        </div>
      ))}
      <Button onClick={() => onChange([...limits, { cost: 100, per: 'month' }])}>Add a limit</Button>
    </fieldset>
  )
}

/** Whether the fields below can say it; others are kept as they are. */
function isSimple({ window, per }: WrittenLimit): boolean {
  return window === undefined && (per === undefined || PERIODS_OF_LIMITS.some((known) => known === per))
}

function Row({
  limit,
  onChange,
}: {
  limit: WrittenLimit
  onChange: (limit: WrittenLimit) => void
}): ReactNode {
  const meter = meterOf(limit)
  const { [meter]: most = 0, ...rest } = limit
  const write = (next: Meter, value: number): void => {
    const { per = 'month', ...others } = rest
    onChange({ [next]: value, ...others, ...(next !== 'concurrent' && { per }) })
  }
  return (
    <>
      <input
        aria-label="At most"
        className="field w-28"
        type="number"
        min={0}
        step={meter === 'cost' ? 'any' : 1}
        required
        value={most}
        onChange={(event) => write(meter, event.target.valueAsNumber || 0)}
      />
      <select
        aria-label="Of what"
        className="field w-auto"
        value={meter}
        onChange={(event) =>
          write(METERS.find(([name]) => name === event.target.value)?.[0] ?? 'requests', most)
        }
      >
        {METERS.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
      {meter !== 'concurrent' && (
        <select
          aria-label="Per"
          className="field w-auto"
          value={limit.per ?? 'month'}
          onChange={(event) => onChange({ ...limit, per: event.target.value })}
        >
          {PERIODS_OF_LIMITS.map((per) => (
            <option key={per} value={per}>
              per {per}
            </option>
          ))}
        </select>
      )}
      <select
        aria-label="When it is used up"
        className="field w-auto"
        value={limit.action ?? 'reject'}
        onChange={(event) => onChange({ ...limit, action: event.target.value })}
      >
        <option value="reject">refuse</option>
        <option value="alert">only alert</option>
      </select>
    </>
  )
}
