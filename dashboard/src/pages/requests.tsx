import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import type { RequestSummary } from '../../../src/admin/contract.ts'
import { withQuery } from '../api.ts'
import { Badge, Button, Card, Empty, Loading, PageHead, Problem } from '../components/basics.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { CheckField, SelectField, TextField } from '../components/form.tsx'
import { More } from '../components/pager.tsx'
import { formatAgo, formatCost, formatCount, formatMs, formatTime } from '../format.ts'
import { useList } from '../lists.ts'
import { PERIODS, spanOf } from '../period.ts'
import { tokensOf } from '../tokens.ts'

const LIVE_MS = 1_000
const PAGE = 50

const OUTCOMES = ['', 'ok', 'error', 'canceled', 'cut', 'aborted'] as const
const TIMES: readonly (readonly [string, string])[] = [
  ['', 'any'],
  ...Object.entries(PERIODS).map(([value, { name }]) => [value, name] as const),
]
const TEXT_FILTERS = [
  ['route', 'Route'],
  ['key', 'Key (id)'],
  ['user', 'User'],
  ['team', 'Team'],
  ['model', 'Model'],
  ['status', 'Status'],
  ['error', 'Error class'],
  ['tag', 'Tag (name:value)'],
] as const

/** Requests as they come, and what became of them. */
export function Requests(): ReactNode {
  const filters = useSearch({ from: '/requests' })
  const { period, ...texts } = filters
  // On whole minutes, so that the question stays the same for a while.
  const since = period && spanOf({ ms: PERIODS[period].ms, bucketMs: PERIODS['1h'].bucketMs }).since
  const asked = { ...texts, since }
  const navigate = useNavigate({ from: '/requests' })
  const [isLive, setLive] = useState(true)
  const requests = useList<RequestSummary>(
    '/admin/requests',
    { ...asked, limit: PAGE },
    isLive ? LIVE_MS : undefined,
  )
  const set = (name: string, value: string): void => {
    const others = Object.fromEntries(Object.entries(filters).filter(([known]) => known !== name))
    void navigate({ search: value === '' ? others : { ...others, [name]: value }, replace: true })
  }
  const rows = requests.data ?? []
  const isNarrowed = Object.keys(filters).length > 0
  return (
    <>
      <PageHead
        title="Requests"
        about="The newest first. What was said is kept only of routes with store_bodies."
      >
        <CheckField label="Live" isOn={isLive} onChange={setLive} />
        <a className="link" href={withQuery('/admin/requests/export', { ...asked, format: 'csv' })} download>
          CSV
        </a>
        <a
          className="link"
          href={withQuery('/admin/requests/export', { ...asked, format: 'jsonl' })}
          download
        >
          JSON lines
        </a>
      </PageHead>
      <Card>
        <details open={isNarrowed} className="mb-3">
          <summary className="text-sm font-medium">Narrow down{isNarrowed ? ' (active)' : ''}</summary>
          <div className="mt-3 grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-5">
            <SelectField
              label="Outcome"
              value={filters.outcome ?? ''}
              options={OUTCOMES.map((outcome) => [outcome, outcome === '' ? 'any' : outcome])}
              onChange={(value) => set('outcome', value)}
            />
            <SelectField
              label="Time"
              value={period ?? ''}
              options={TIMES}
              onChange={(value) => set('period', value)}
            />
            {TEXT_FILTERS.map(([name, label]) => (
              <FilterField
                key={`${name} ${filters[name] ?? ''}`}
                label={label}
                value={filters[name] ?? ''}
                onDone={(value) => set(name, value)}
              />
            ))}
          </div>
          {isNarrowed && (
            <Button className="mt-3" onClick={() => void navigate({ search: {}, replace: true })}>
              Show all
            </Button>
          )}
        </details>
        {requests.error && <Problem error={requests.error} />}
        {requests.isPending && <Loading />}
        {requests.isSuccess && rows.length === 0 && (
          <Empty title={isNarrowed ? 'No request is like that' : 'No requests yet'}>
            {!isNarrowed && (
              <p>
                They show here within a second. Send one from the{' '}
                <Link to="/playground" className="link">
                  playground
                </Link>
                .
              </p>
            )}
          </Empty>
        )}
        {rows.length > 0 && (
          <DataTable label="Requests" columns={COLUMNS} rows={rows} rowKey={({ id }) => id} />
        )}
        <More query={requests} />
      </Card>
    </>
  )
}

/** A text that counts once it is whole. */
function FilterField({
  label,
  value,
  onDone,
}: {
  label: string
  value: string
  onDone: (value: string) => void
}): ReactNode {
  const [text, setText] = useState(value)
  const done = (): void => {
    if (text.trim() !== value) onDone(text.trim())
  }
  return (
    <TextField
      label={label}
      value={text}
      onChange={setText}
      onBlur={done}
      onKeyDown={(event) => {
        if (event.key === 'Enter') done()
      }}
    />
  )
}

const COLUMNS: readonly Column<RequestSummary>[] = [
  {
    name: 'Time',
    cell: ({ id, at }) => (
      <Link to="/requests/$id" params={{ id }} className="link whitespace-nowrap" title={formatTime(at)}>
        {formatAgo(at)}
      </Link>
    ),
  },
  { name: 'Outcome', cell: (row) => <OutcomeBadge row={row} /> },
  { name: 'Route', cell: ({ route }) => <span className="wrap-anywhere">{route ?? '–'}</span> },
  {
    name: 'Model',
    isExtra: true,
    cell: ({ model, provider }) => (
      <span className="wrap-anywhere">
        {model ?? '–'} <span className="text-xs text-muted">{provider}</span>
      </span>
    ),
  },
  {
    name: 'Key',
    isExtra: true,
    cell: ({ keyName, keyId }) => <span className="wrap-anywhere">{keyName ?? keyId ?? '–'}</span>,
  },
  { name: 'Tokens', isNumber: true, cell: ({ tokens }) => (tokens ? formatCount(tokensOf(tokens)) : '–') },
  { name: 'Cost', isNumber: true, cell: ({ costUsd }) => formatCost(costUsd) },
  { name: 'First byte', isNumber: true, isExtra: true, cell: ({ firstByteMs }) => formatMs(firstByteMs) },
  { name: 'Took', isNumber: true, cell: ({ durationMs }) => formatMs(durationMs) },
]

/** How a request ended. */
export function OutcomeBadge({
  row: { outcome, status, error },
}: {
  row: Pick<RequestSummary, 'outcome' | 'status' | 'error'>
}): ReactNode {
  const tone = outcome === 'ok' ? 'good' : outcome === 'canceled' ? 'warn' : 'bad'
  return (
    <Badge tone={tone}>
      {status} {outcome === 'ok' ? 'ok' : (error ?? outcome)}
    </Badge>
  )
}
