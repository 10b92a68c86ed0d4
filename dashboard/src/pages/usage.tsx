import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import type { SpanAnswer, UsageRow } from '../../../src/admin/contract.ts'
import { get, withQuery } from '../api.ts'
import { Card, Empty, Loading, PageHead, Problem } from '../components/basics.tsx'
import { Chart } from '../components/chart.tsx'
import { DataTable } from '../components/data-table.tsx'
import { GroupName } from '../components/group-name.tsx'
import { PeriodSelect } from '../components/period-select.tsx'
import { formatCost, formatCount, formatMs, formatShare } from '../format.ts'
import { fillIn, PERIODS, spanOf } from '../period.ts'

const DIMENSIONS = ['key', 'team', 'user', 'route', 'model', 'provider', 'target', 'status', 'error'] as const

/** What was used and spent, and by whom. */
export function Usage(): ReactNode {
  const { period: name = '30d', by = 'key' } = useSearch({ from: '/usage' })
  const navigate = useNavigate({ from: '/usage' })
  const period = PERIODS[name]
  const { since, times } = spanOf(period)
  const groups = useQuery({
    queryKey: ['usage', since, by],
    queryFn: ({ signal }) => get<SpanAnswer<UsageRow>>('/admin/usage', { since, by }, signal),
    placeholderData: (before) => before,
  })
  const overTime = useQuery({
    queryKey: ['usage', since, period.bucket],
    queryFn: ({ signal }) =>
      get<SpanAnswer<UsageRow>>('/admin/usage', { since, bucket: period.bucket }, signal),
    placeholderData: (before) => before,
  })
  const go = (change: { period?: typeof name; by?: string }): void =>
    void navigate({ search: { period: name, by, ...change }, replace: true })
  const rows = (groups.data?.rows ?? []).toSorted((a, b) => b.costUsd - a.costUsd || b.requests - a.requests)
  return (
    <>
      <PageHead title="Usage and cost" about="Costs are of requests whose price is known.">
        <PeriodSelect name={name} onChange={(period) => go({ period })} />
        <Dimension by={by} onChange={(next) => go({ by: next })} />
        <a
          className="link"
          href={withQuery('/admin/usage', { since, by, bucket: 'day', format: 'csv' })}
          download
        >
          CSV, by day
        </a>
      </PageHead>
      <Card title="Cost over time">
        {overTime.data ? (
          <Chart
            label="Cost in USD"
            times={times}
            format={formatCost}
            isFilled
            series={[{ name: 'USD', values: fillIn(times, overTime.data.rows, (row) => row?.costUsd ?? 0) }]}
          />
        ) : (
          <Loading />
        )}
      </Card>
      <Card title={`By ${by}`} className="mt-4">
        {groups.error && <Problem error={groups.error} />}
        {groups.isPending && <Loading />}
        {groups.isSuccess && rows.length === 0 && <Empty title="Nothing was used in this time" />}
        {rows.length > 0 && (
          <DataTable
            label={`Usage by ${by}`}
            rows={rows}
            rowKey={(row) => row.group[by] ?? ''}
            columns={[
              { name: by, cell: (row) => <GroupName by={by} value={row.group[by] ?? null} /> },
              { name: 'Requests', isNumber: true, cell: (row) => formatCount(row.requests) },
              {
                name: 'Errors',
                isNumber: true,
                isExtra: true,
                cell: (row) => formatShare(row.errors / row.requests),
              },
              {
                name: 'Input tokens',
                isNumber: true,
                isExtra: true,
                cell: (row) => formatCount(row.inputTokens),
              },
              {
                name: 'From caches',
                isNumber: true,
                isExtra: true,
                cell: (row) => formatCount(row.cacheReadTokens),
              },
              {
                name: 'Output tokens',
                isNumber: true,
                isExtra: true,
                cell: (row) => formatCount(row.outputTokens),
              },
              { name: 'Mean time', isNumber: true, isExtra: true, cell: (row) => formatMs(row.meanMs) },
              {
                name: 'Without a price',
                isNumber: true,
                isExtra: true,
                cell: (row) => formatCount(row.unpriced),
              },
              {
                name: 'Cost',
                isNumber: true,
                cell: (row) => formatCost(row.unpriced === row.requests ? null : row.costUsd),
              },
            ]}
          />
        )}
      </Card>
    </>
  )
}

/** A dimension of the list, or a tag by its name. */
function Dimension({ by, onChange }: { by: string; onChange: (by: string) => void }): ReactNode {
  const tag = by.startsWith('tag:') ? by.slice('tag:'.length) : undefined
  const [text, setText] = useState(tag ?? '')
  return (
    <>
      <select
        aria-label="Group by"
        className="field w-auto"
        value={tag === undefined ? by : 'tag'}
        onChange={({ target }) =>
          onChange(target.value === 'tag' ? `tag:${text || 'project'}` : target.value)
        }
      >
        {DIMENSIONS.map((dimension) => (
          <option key={dimension} value={dimension}>
            by {dimension}
          </option>
        ))}
        <option value="tag">by a tag</option>
      </select>
      {tag !== undefined && (
        <input
          aria-label="Tag"
          className="field w-32"
          value={text || tag}
          onChange={(event) => setText(event.target.value)}
          onBlur={() => {
            if (text !== '') onChange(`tag:${text}`)
          }}
        />
      )}
    </>
  )
}
