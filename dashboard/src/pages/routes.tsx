import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import type { RouteSummary } from '../../../src/admin/contract.ts'
import { Badge, Button, Card, Empty, Loading, PageHead, Problem } from '../components/basics.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { More } from '../components/pager.tsx'
import { RouteEditor } from '../components/route-editor.tsx'
import { formatCount, formatShare } from '../format.ts'
import { useList } from '../lists.ts'
import { useIsAdmin } from '../session.tsx'

const REFRESH_MS = 2_000

/** All routes with how they are. */
export function Routes(): ReactNode {
  const routes = useList<RouteSummary>('/admin/routes', { limit: 100 }, REFRESH_MS)
  const isAdmin = useIsAdmin()
  const [isMaking, setMaking] = useState(false)
  const rows = routes.data ?? []
  return (
    <>
      <PageHead title="Routes" about="What clients name as their model, and where it leads.">
        {isAdmin && (
          <Button look="primary" onClick={() => setMaking(true)}>
            New route
          </Button>
        )}
      </PageHead>
      <Card>
        {routes.error && <Problem error={routes.error} />}
        {routes.isPending && <Loading />}
        {routes.isSuccess && rows.length === 0 && (
          <Empty title="No routes yet">
            <p>
              Write one into the configuration file, make one here, or let the{' '}
              <Link to="/setup" className="link">
                set-up
              </Link>{' '}
              connect a provider.
            </p>
          </Empty>
        )}
        {rows.length > 0 && (
          <DataTable
            label="Routes"
            columns={COLUMNS}
            rows={rows}
            rowKey={({ name, origin }) => `${name} ${origin.kind}`}
          />
        )}
        <More query={routes} />
      </Card>
      {isMaking && <RouteEditor onClose={() => setMaking(false)} />}
    </>
  )
}

const COLUMNS: readonly Column<RouteSummary>[] = [
  {
    name: 'Route',
    cell: ({ name }) => (
      <Link to="/routes/$name" params={{ name }} className="link font-medium wrap-anywhere">
        {name}
      </Link>
    ),
  },
  { name: 'Type', isExtra: true, cell: ({ type }) => <span className="text-muted">{type ?? '–'}</span> },
  { name: 'State', cell: (route) => <RouteState route={route} /> },
  { name: 'Targets', cell: ({ targets }) => <Targets targets={targets} /> },
  {
    name: 'Attempts',
    isNumber: true,
    cell: ({ targets }) => formatCount(targets.reduce((sum, { requests }) => sum + requests, 0)),
  },
  { name: 'Failures', isNumber: true, isExtra: true, cell: ({ targets }) => failureShare(targets) },
  {
    name: 'Origin',
    isExtra: true,
    cell: ({ origin }) => (
      <span className="whitespace-nowrap text-muted">
        {origin.kind === 'file' ? `file, line ${origin.line}` : 'store'}
      </span>
    ),
  },
]

function failureShare(targets: RouteSummary['targets']): string {
  const requests = targets.reduce((sum, target) => sum + target.requests, 0)
  const failures = targets.reduce((sum, target) => sum + target.failures, 0)
  return requests === 0 ? '–' : formatShare(failures / requests)
}

function Targets({ targets }: { targets: RouteSummary['targets'] }): ReactNode {
  if (targets.length === 0) return <span className="text-muted">–</span>
  return (
    <ul className="space-y-1">
      {targets.slice(0, MOST).map(({ target, breaker, coolsForMs }) => (
        <li key={target} className="flex items-baseline gap-1.5">
          <span
            aria-hidden="true"
            className={`size-2 shrink-0 rounded-full ${breaker === 'closed' && coolsForMs === 0 ? 'bg-good' : 'bg-bad'}`}
          />
          <span className="wrap-anywhere">{target}</span>
          {breaker !== 'closed' && <span className="text-xs text-bad">breaker {breaker}</span>}
          {coolsForMs > 0 && <span className="text-xs text-warn">spared</span>}
        </li>
      ))}
      {targets.length > MOST && <li className="text-xs text-muted">and {targets.length - MOST} more</li>}
    </ul>
  )
}

const MOST = 4

/** How a route is, in a word. */
export function RouteState({
  route: { state, health },
}: {
  route: Pick<RouteSummary, 'state' | 'health'>
}): ReactNode {
  if (state !== 'ready') return <Badge tone={state === 'partial' ? 'warn' : 'bad'}>{state}</Badge>
  if (health === 'degraded') return <Badge tone="warn">degraded</Badge>
  if (health === 'down') return <Badge tone="bad">down</Badge>
  return <Badge tone="good">ready</Badge>
}
