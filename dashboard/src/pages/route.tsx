import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import type { BudgetAnswer, Explanation, RouteDetail } from '../../../src/admin/contract.ts'
import { get, segment, send } from '../api.ts'
import {
  Badge,
  Button,
  Card,
  Code,
  CopyButton,
  Facts,
  Loading,
  PageHead,
  Problem,
} from '../components/basics.tsx'
import { BudgetList } from '../components/budget-list.tsx'
import { Confirm } from '../components/dialog.tsx'
import { asError, RouteEditor } from '../components/route-editor.tsx'
import { TrafficMap } from '../components/traffic-map.tsx'
import { formatTime } from '../format.ts'
import { useList } from '../lists.ts'
import { useIsAdmin } from '../session.tsx'
import { snippetsOf } from '../snippets.ts'
import { useClientUrl } from '../use-about.ts'
import { RouteState } from './routes.tsx'

/** One route: how it is, where its traffic goes, how to call it. */
export function RoutePage(): ReactNode {
  const { name } = useParams({ from: '/routes/$name' })
  const isAdmin = useIsAdmin()
  const [open, setOpen] = useState<'edit' | 'delete'>()
  const route = useQuery({
    queryKey: ['route', name],
    queryFn: ({ signal }) => get<RouteDetail>(`/admin/routes/${segment(name)}`, {}, signal),
    refetchInterval: 2_000,
  })
  if (route.isPending) return <Loading />
  if (route.error) {
    return (
      <>
        <PageHead title={name} />
        <Problem error={route.error} />
      </>
    )
  }
  const { data } = route
  const isStored = data.origin.kind === 'store'
  return (
    <>
      <PageHead title={name} about={data.type ?? undefined}>
        <RouteState route={data} />
        <Link to="/playground" search={{ route: name }} className="link">
          Try it
        </Link>
        <Link to="/requests" search={{ route: name }} className="link">
          Requests
        </Link>
        {isAdmin && isStored && (
          <>
            <Button onClick={() => setOpen('edit')}>Change</Button>
            <Button look="danger" onClick={() => setOpen('delete')}>
              Delete
            </Button>
          </>
        )}
      </PageHead>
      <div className="space-y-4">
        {data.issues.length > 0 && (
          <Card title="What is wrong">
            <ul className="space-y-1">
              {data.issues.map(({ path, message }) => (
                <li key={`${path} ${message}`} className="wrap-anywhere">
                  {path !== '' && <code className="mr-2 font-mono text-xs">{path}</code>}
                  {message}
                </li>
              ))}
            </ul>
          </Card>
        )}
        <Traffic route={name} type={data.type} />
        <Limits route={name} />
        <HowToCall route={name} type={data.type} />
        <Card title="Where it comes from">
          <Facts
            facts={[
              ['Origin', data.origin.kind === 'file' ? `the file, line ${data.origin.line}` : 'the store'],
              ['Created', data.createdAt && formatTime(data.createdAt)],
              ['Changed', data.updatedAt && formatTime(data.updatedAt)],
            ]}
          />
          {data.definition && (
            <div className="mt-3">
              <Code label="Definition">{JSON.stringify(data.definition, undefined, 2)}</Code>
            </div>
          )}
        </Card>
      </div>
      {open === 'edit' && data.origin.kind === 'store' && (
        <RouteEditor
          route={{ name, definition: data.definition, version: data.origin.version }}
          onClose={() => setOpen(undefined)}
        />
      )}
      {open === 'delete' && data.origin.kind === 'store' && (
        <Deletion name={name} version={data.origin.version} onClose={() => setOpen(undefined)} />
      )}
    </>
  )
}

/** What `explain` says of a small request. */
function Traffic({ route, type }: { route: string; type: string | null }): ReactNode {
  const request =
    type === 'llm/v1/embeddings' ? { input: 'Hello' } : { messages: [{ role: 'user', content: 'Hello' }] }
  const explanation = useQuery({
    queryKey: ['explain', route],
    queryFn: () => send<Explanation>('POST', '/admin/explain', { body: { route, request } }),
    refetchInterval: 5_000,
    enabled: type === 'llm/v1/chat' || type === 'llm/v1/embeddings',
  })
  if (explanation.isPending && explanation.fetchStatus === 'idle') return null
  return (
    <Card title="Where a request goes now">
      {explanation.isPending && <Loading />}
      {explanation.error && <Problem error={explanation.error} />}
      {explanation.data && <TrafficMap explanation={explanation.data} />}
    </Card>
  )
}

function Limits({ route }: { route: string }): ReactNode {
  const { data = [] } = useList<BudgetAnswer>('/admin/budgets', { of: 'gateway', limit: 200 }, 5_000)
  const own = data.filter(({ place }) => place?.kind === 'route' && place.name === route)
  if (own.length === 0) return null
  return (
    <Card title="Limits">
      <BudgetList budgets={own} />
    </Card>
  )
}

function HowToCall({ route, type }: { route: string; type: string | null }): ReactNode {
  const url = useClientUrl()
  const snippets = snippetsOf({ route, type, url })
  const [chosen, setChosen] = useState(snippets[0]?.name)
  const snippet = snippets.find(({ name }) => name === chosen) ?? snippets[0]
  if (!snippet) return null
  return (
    <Card title="How to call it" action={<CopyButton text={snippet.text} />}>
      <div role="group" aria-label="Client" className="mb-3 flex flex-wrap gap-1">
        {snippets.map(({ name }) => (
          <button
            key={name}
            type="button"
            aria-pressed={name === snippet.name}
            className={`rounded-md px-2 py-1 text-sm ${name === snippet.name ? 'bg-accent-soft font-medium text-accent' : 'text-muted hover:bg-sunken'}`}
            onClick={() => setChosen(name)}
          >
            {name}
          </button>
        ))}
      </div>
      <Code label={snippet.name}>{snippet.text}</Code>
      <p className="mt-2 text-xs text-muted">
        <Badge>GATEWAY_KEY</Badge> is a{' '}
        <Link to="/keys" className="link">
          key
        </Link>{' '}
        of this gateway; any text does where no key is asked for.
      </p>
    </Card>
  )
}

function Deletion({
  name,
  version,
  onClose,
}: {
  name: string
  version: number
  onClose: () => void
}): ReactNode {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [error, setError] = useState<Error>()
  const remove = async (): Promise<void> => {
    try {
      await send('DELETE', `/admin/routes/${segment(name)}`, { version })
      await queries.invalidateQueries()
      await navigate({ to: '/routes' })
    } catch (failure) {
      setError(asError(failure))
    }
  }
  return (
    <Confirm title={`Delete ${name}?`} action="Delete" onConfirm={() => void remove()} onClose={onClose}>
      <p>Clients that name it are refused from then on. Its requests stay in the records.</p>
      {error && <Problem error={error} />}
    </Confirm>
  )
}
