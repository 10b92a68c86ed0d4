import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  lazyRouteComponent,
  Link,
} from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Button, Empty, Loading, Problem } from './components/basics.tsx'
import { Overview } from './pages/overview.tsx'
import { isPeriod, type PeriodName } from './period.ts'
import { Shell } from './shell.tsx'

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: Broken })

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: ({ period }): { period?: PeriodName } => (isPeriod(period) ? { period } : {}),
  component: Overview,
})

const routes = createRoute({
  getParentRoute: () => root,
  path: '/routes',
  component: lazyRouteComponent(() => import('./pages/routes.tsx'), 'Routes'),
})

const route = createRoute({
  getParentRoute: () => root,
  path: '/routes/$name',
  component: lazyRouteComponent(() => import('./pages/route.tsx'), 'RoutePage'),
})

const playground = createRoute({
  getParentRoute: () => root,
  path: '/playground',
  validateSearch: (search) => ({ ...textsOf(search, ['route', 'from']) }),
  component: lazyRouteComponent(() => import('./pages/playground.tsx'), 'Playground'),
})

/** What the list of requests can be narrowed to. */
const REQUEST_FILTERS = [
  'route',
  'key',
  'user',
  'team',
  'model',
  'outcome',
  'status',
  'error',
  'tag',
] as const

type RequestFilter = (typeof REQUEST_FILTERS)[number]

const requests = createRoute({
  getParentRoute: () => root,
  path: '/requests',
  validateSearch: (search): Partial<Record<RequestFilter, string>> & { period?: PeriodName } => ({
    ...textsOf(search, REQUEST_FILTERS),
    ...(isPeriod(search['period']) && { period: search['period'] }),
  }),
  component: lazyRouteComponent(() => import('./pages/requests.tsx'), 'Requests'),
})

const request = createRoute({
  getParentRoute: () => root,
  path: '/requests/$id',
  component: lazyRouteComponent(() => import('./pages/request.tsx'), 'RequestPage'),
})

const usage = createRoute({
  getParentRoute: () => root,
  path: '/usage',
  validateSearch: ({ period, by }): { period?: PeriodName; by?: string } => ({
    ...(isPeriod(period) && { period }),
    ...(typeof by === 'string' && { by }),
  }),
  component: lazyRouteComponent(() => import('./pages/usage.tsx'), 'Usage'),
})

const budgets = createRoute({
  getParentRoute: () => root,
  path: '/budgets',
  component: lazyRouteComponent(() => import('./pages/budgets.tsx'), 'Budgets'),
})

const keys = createRoute({
  getParentRoute: () => root,
  path: '/keys',
  validateSearch: (search) => textsOf(search, ['text']),
  component: lazyRouteComponent(() => import('./pages/keys.tsx'), 'Keys'),
})

const people = createRoute({
  getParentRoute: () => root,
  path: '/people',
  component: lazyRouteComponent(() => import('./pages/people.tsx'), 'People'),
})

const config = createRoute({
  getParentRoute: () => root,
  path: '/config',
  component: lazyRouteComponent(() => import('./pages/config.tsx'), 'Config'),
})

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('./pages/setup.tsx'), 'Setup'),
})

const tree = root.addChildren([
  overview,
  routes,
  route,
  playground,
  requests,
  request,
  usage,
  budgets,
  keys,
  people,
  config,
  setup,
])

/** Every page by its path. The server has to know a new one: its list is in src/admin/dashboard.ts. */
export function createPages() {
  return createRouter({ routeTree: tree, defaultPreload: 'intent', defaultPendingComponent: Loading })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createPages>
  }
}

/** Of a query, those of the names that are texts; a number stands for its digits. */
function textsOf<Name extends string>(
  search: Record<string, unknown>,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const texts: Partial<Record<Name, string>> = {}
  for (const name of names) {
    const value = search[name]
    if (typeof value === 'string' || typeof value === 'number') texts[name] = String(value)
  }
  return texts
}

function NotFound(): ReactNode {
  return (
    <Empty title="There is no such page">
      <Link to="/" className="link">
        To the overview
      </Link>
    </Empty>
  )
}

function Broken({ error, reset }: ErrorComponentProps): ReactNode {
  return (
    <div className="space-y-3">
      <Problem error={error instanceof Error ? error : new Error(String(error))} />
      <Button onClick={reset}>Try again</Button>
    </div>
  )
}
