import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type {
  LatencyRow,
  RouteSummary,
  SpanAnswer,
  TargetReport,
  UsageRow,
} from '../../../src/admin/contract.ts'
import { get } from '../api.ts'
import { Badge, Card, Empty, Loading, PageHead, Problem } from '../components/basics.tsx'
import { Chart } from '../components/chart.tsx'
import { DataTable } from '../components/data-table.tsx'
import { GroupName } from '../components/group-name.tsx'
import { PeriodSelect } from '../components/period-select.tsx'
import { formatCost, formatCount, formatMs, formatShare } from '../format.ts'
import { useList } from '../lists.ts'
import { fillIn, PERIODS, spanOf } from '../period.ts'

const REFRESH_MS = 2_000

/** What goes on: how much, how fast, how dear, and what is not well. */
export function Overview(): ReactNode {
  const { period: name = '1h' } = useSearch({ from: '/' })
  const navigate = useNavigate({ from: '/' })
  const period = PERIODS[name]
  const { since, times } = spanOf(period)
  const usage = useQuery({
    queryKey: ['usage', since, period.bucket],
    queryFn: ({ signal }) =>
      get<SpanAnswer<UsageRow>>('/admin/usage', { since, bucket: period.bucket }, signal),
    refetchInterval: REFRESH_MS,
    placeholderData: (before) => before,
  })
  const latency = useQuery({
    queryKey: ['latency', since, period.bucket],
    queryFn: ({ signal }) =>
      get<SpanAnswer<LatencyRow>>('/admin/latency', { since, bucket: period.bucket }, signal),
    refetchInterval: REFRESH_MS * 2,
    placeholderData: (before) => before,
  })
  const rows = usage.data?.rows ?? []
  return (
    <>
      <PageHead title="Overview" about="All requests to this gateway.">
        <PeriodSelect
          name={name}
          onChange={(period) => void navigate({ search: { period }, replace: true })}
        />
      </PageHead>
      {usage.error && <Problem error={usage.error} />}
      {usage.isPending && <Loading />}
      {usage.isSuccess && (
        <>
          <Figures rows={rows} latency={latency.data?.rows ?? []} />
          <Unwell />
          {rows.length === 0 ? (
            <Card className="mt-4">
              <Empty title="No requests in this time">
                <p>
                  Send one from the{' '}
                  <Link to="/playground" className="link">
                    playground
                  </Link>
                  , or point an SDK at the gateway: every{' '}
                  <Link to="/routes" className="link">
                    route
                  </Link>{' '}
                  shows how.
                </p>
              </Empty>
            </Card>
          ) : (
            <Charts times={times} rows={rows} latency={latency.data?.rows ?? []} />
          )}
          <Tops since={since} />
        </>
      )}
    </>
  )
}

function Figures({
  rows,
  latency,
}: {
  rows: readonly UsageRow[]
  latency: readonly LatencyRow[]
}): ReactNode {
  const sum = (value: (row: UsageRow) => number): number => rows.reduce((total, row) => total + value(row), 0)
  const requests = sum((row) => row.requests)
  const errors = sum((row) => row.errors)
  const unpriced = sum((row) => row.unpriced)
  // Of buckets: weighed by their requests, which is near enough for a glance.
  const weighed = (value: (row: LatencyRow) => number): number | null =>
    latency.length === 0
      ? null
      : latency.reduce((total, row) => total + value(row) * row.requests, 0) /
        latency.reduce((total, row) => total + row.requests, 0)
  const figures: readonly (readonly [name: string, value: string, note?: string | undefined])[] = [
    ['Requests', formatCount(requests)],
    ['Errors', formatCount(errors), requests > 0 ? formatShare(errors / requests) : undefined],
    ['Latency, p95', formatMs(weighed((row) => row.duration.p95))],
    ['First byte, p95', formatMs(weighed((row) => row.firstByte.p95))],
    ['Tokens', formatCount(sum((row) => row.inputTokens + row.cacheReadTokens + row.outputTokens))],
    [
      'Cost',
      formatCost(sum((row) => row.costUsd)),
      unpriced > 0 ? `${formatCount(unpriced)} without a price` : undefined,
    ],
  ]
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-6">
      {figures.map(([name, value, note]) => (
        <div key={name} className="rounded-lg border border-line bg-surface px-4 py-3">
          <dt className="text-xs text-muted">{name}</dt>
          <dd className="mt-0.5 text-xl font-semibold tabular-nums">
            {value}
            {note !== undefined && <span className="block text-xs font-normal text-muted">{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Charts({
  times,
  rows,
  latency,
}: {
  times: readonly number[]
  rows: readonly UsageRow[]
  latency: readonly LatencyRow[]
}): ReactNode {
  const amounts = (value: (row: UsageRow) => number): (number | null)[] =>
    fillIn(times, rows, (row) => (row ? value(row) : 0))
  const speeds = (value: (row: LatencyRow) => number): (number | null)[] =>
    fillIn(times, latency, (row) => (row ? value(row) : null))
  return (
    <div className="mt-4 grid grid-cols-1 gap-4 lg:grid-cols-2">
      <Card title="Requests">
        <Chart
          label="Requests"
          times={times}
          format={formatCount}
          isFilled
          series={[
            { name: 'all', values: amounts((row) => row.requests) },
            { name: 'errors', values: amounts((row) => row.errors) },
          ]}
        />
      </Card>
      <Card title="Latency">
        <Chart
          label="Latency"
          times={times}
          format={formatMs}
          series={[
            { name: 'p50', values: speeds((row) => row.duration.p50) },
            { name: 'p95', values: speeds((row) => row.duration.p95) },
            { name: 'first byte, p95', values: speeds((row) => row.firstByte.p95) },
          ]}
        />
      </Card>
      <Card title="Tokens">
        <Chart
          label="Tokens"
          times={times}
          format={formatCount}
          isFilled
          series={[
            { name: 'input', values: amounts((row) => row.inputTokens + row.cacheReadTokens) },
            { name: 'output', values: amounts((row) => row.outputTokens) },
          ]}
        />
      </Card>
      <Card title="Cost">
        <Chart
          label="Cost in USD"
          times={times}
          format={formatCost}
          isFilled
          series={[{ name: 'USD', values: amounts((row) => row.costUsd) }]}
        />
      </Card>
    </div>
  )
}

/** Routes and targets that are not as they should be; nothing when all are. */
function Unwell(): ReactNode {
  const { data = [] } = useList<RouteSummary>('/admin/routes', { limit: 200 }, REFRESH_MS)
  const unwell = data.filter(
    ({ state, health }) =>
      (state !== 'ready' && state !== 'shadowed') || health === 'degraded' || health === 'down',
  )
  if (unwell.length === 0) return null
  return (
    <Card title="Not well now" className="mt-4">
      <ul className="space-y-2">
        {unwell.map((route) => (
          <li key={`${route.name} ${route.origin.kind}`} className="flex flex-wrap items-baseline gap-2">
            <Badge tone={route.health === 'degraded' || route.state === 'partial' ? 'warn' : 'bad'}>
              {route.health === 'degraded' || route.health === 'down' ? route.health : route.state}
            </Badge>
            <Link to="/routes/$name" params={{ name: route.name }} className="link font-medium">
              {route.name}
            </Link>
            <span className="text-muted wrap-anywhere">{reasonOf(route)}</span>
          </li>
        ))}
      </ul>
    </Card>
  )
}

function reasonOf({ issues, targets }: RouteSummary): string {
  const [issue] = issues
  if (issue) return issue.message
  return targets
    .filter(({ breaker, coolsForMs }) => breaker !== 'closed' || coolsForMs > 0)
    .map((target) => `${target.target}: ${stateOf(target)}`)
    .join('; ')
}

function stateOf({ breaker, coolsForMs }: Pick<TargetReport, 'breaker' | 'coolsForMs'>): string {
  return breaker === 'closed'
    ? `has too much to do, spared for ${formatMs(coolsForMs)}`
    : `breaker ${breaker}`
}

const TOPS = [
  ['route', 'Top routes'],
  ['key', 'Top keys'],
  ['model', 'Top models'],
] as const

function Tops({ since }: { since: string }): ReactNode {
  return (
    <div className="mt-4 grid grid-cols-1 gap-4 lg:grid-cols-3">
      {TOPS.map(([by, title]) => (
        <Top key={by} by={by} title={title} since={since} />
      ))}
    </div>
  )
}

const MOST = 6

function Top({
  by,
  title,
  since,
}: {
  by: (typeof TOPS)[number][0]
  title: string
  since: string
}): ReactNode {
  const { data } = useQuery({
    queryKey: ['usage', since, by],
    queryFn: ({ signal }) => get<SpanAnswer<UsageRow>>('/admin/usage', { since, by }, signal),
    refetchInterval: REFRESH_MS * 2,
    placeholderData: (before) => before,
  })
  const rows = (data?.rows ?? []).toSorted((a, b) => b.requests - a.requests).slice(0, MOST)
  if (rows.length === 0) return null
  return (
    <Card title={title}>
      <DataTable
        label={title}
        rows={rows}
        rowKey={(row) => row.group[by] ?? ''}
        columns={[
          { name: by, cell: (row) => <GroupName by={by} value={row.group[by] ?? null} /> },
          { name: 'requests', isNumber: true, cell: (row) => formatCount(row.requests) },
          {
            name: 'cost',
            isNumber: true,
            cell: (row) => formatCost(row.unpriced === row.requests ? null : row.costUsd),
          },
        ]}
      />
    </Card>
  )
}
