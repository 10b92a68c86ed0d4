import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { ConfigAnswer } from '../../src/admin/contract.ts'
import { get, send } from './api.ts'
import { Button } from './components/basics.tsx'
import { useSession } from './session.tsx'
import { chooseTheme, chosenTheme, nextTheme } from './theme.ts'

const PAGES = [
  ['/', 'Overview'],
  ['/routes', 'Routes'],
  ['/playground', 'Playground'],
  ['/requests', 'Requests'],
  ['/usage', 'Usage and cost'],
  ['/budgets', 'Budgets'],
  ['/keys', 'Keys'],
  ['/people', 'Teams and users'],
  ['/config', 'Configuration'],
  ['/setup', 'Set-up'],
] as const

/** What is around every page. */
export function Shell(): ReactNode {
  const [isOpen, setOpen] = useState(false)
  const path = useRouterState({ select: ({ location }) => location.pathname })
  const main = useRef<HTMLElement>(null)
  const isFirst = useRef(true)
  useEffect(() => {
    setOpen(false)
    // Who does not see the page change hears it.
    if (!isFirst.current) main.current?.focus()
    isFirst.current = false
  }, [path])
  return (
    <div className="min-h-screen lg:grid lg:grid-cols-[13.5rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:z-10 focus:bg-surface focus:p-2"
      >
        Skip to the page
      </a>
      <header className="border-b border-line bg-surface lg:sticky lg:top-0 lg:flex lg:h-screen lg:flex-col lg:border-r lg:border-b-0">
        <div className="flex items-center justify-between gap-2 px-4 py-3">
          <Link to="/" className="flex items-center gap-2 font-semibold">
            <img src="/icon.svg" alt="" className="size-6" />
            MLflow Gateway
          </Link>
          <Button
            look="quiet"
            className="lg:hidden"
            aria-expanded={isOpen}
            aria-controls="navigation"
            onClick={() => setOpen(!isOpen)}
          >
            Menu
          </Button>
        </div>
        <nav
          id="navigation"
          aria-label="Pages"
          className={`${isOpen ? 'block' : 'hidden'} px-2 pb-2 lg:block lg:flex-1 lg:overflow-y-auto`}
        >
          <ul className="space-y-0.5">
            {PAGES.map(([to, name]) => (
              <li key={to}>
                <Link
                  to={to}
                  activeOptions={{ exact: to === '/', includeSearch: false }}
                  className="block rounded-md px-2.5 py-1.5 text-muted hover:bg-sunken"
                  activeProps={{ className: 'bg-accent-soft text-accent! font-medium' }}
                >
                  {name}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div className={`${isOpen ? 'block' : 'hidden'} border-t border-line p-3 lg:block`}>
          <Account />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1} className="mx-auto w-full max-w-7xl p-4 outline-none lg:p-6">
        <ReloadProblem />
        <Outlet />
      </main>
    </div>
  )
}

function Account(): ReactNode {
  const session = useSession()
  const queries = useQueryClient()
  const [theme, setTheme] = useState(chosenTheme)
  const signOut = async (): Promise<void> => {
    await send('DELETE', '/admin/session')
    queries.clear()
    location.assign('/')
  }
  return (
    <div className="space-y-1 text-sm">
      <p className="px-2 wrap-anywhere">
        {session.name}
        <span className="block text-xs text-muted">
          {session.role === 'team_admin' ? `admin of ${session.team ?? 'no team'}` : session.role}
        </span>
      </p>
      <div className="flex flex-wrap gap-1">
        <Button
          look="quiet"
          className="px-2"
          onClick={() => {
            const next = nextTheme(theme)
            chooseTheme(next)
            setTheme(next)
          }}
        >
          Theme: {theme}
        </Button>
        <Button look="quiet" className="px-2" onClick={() => void signOut()}>
          Sign out
        </Button>
      </div>
    </div>
  )
}

/** Above every page, while the file's last content is not in use. */
function ReloadProblem(): ReactNode {
  const { data } = useQuery({
    queryKey: ['/admin/config'],
    queryFn: ({ signal }) => get<ConfigAnswer>('/admin/config', {}, signal),
    refetchInterval: 2_000,
  })
  if (!data?.error) return null
  return (
    <div role="alert" className="mb-4 rounded-md border border-line bg-bad-soft px-4 py-3 text-bad">
      <p className="font-medium">
        The configuration file cannot be used as it is; the gateway goes on with the last good one.{' '}
        <Link to="/config" className="underline">
          Mend it
        </Link>
      </p>
      <p className="mt-1 font-mono text-xs whitespace-pre-wrap wrap-anywhere">{data.error}</p>
    </div>
  )
}
