import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import type { SessionAnswer } from '../../src/admin/contract.ts'
import { ApiError, get, send } from './api.ts'
import { Button, Loading, Problem } from './components/basics.tsx'
import { TextField } from './components/form.tsx'
import { SessionProvider } from './session.tsx'

const WATCH_MS = 15_000

/** Shows what is inside to those who are signed in, and lets the others sign in. */
export function SignInGate({ children }: { children: ReactNode }): ReactNode {
  const queries = useQueryClient()
  const session = useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => get<SessionAnswer>('/admin/session', {}, signal),
    refetchInterval: WATCH_MS,
  })
  // Whatever page finds that the session is over, it is over for all.
  useEffect(
    () =>
      queries.getQueryCache().subscribe(({ query }) => {
        const { error } = query.state
        if (query.queryKey[0] === 'session' || !isSignedOut(error)) return
        if (queries.getQueryData(['session']) !== undefined)
          void queries.resetQueries({ queryKey: ['session'] })
      }),
    [queries],
  )
  if (session.isPending) return <Loading />
  if (session.error && !isSignedOut(session.error)) {
    return (
      <main className="mx-auto max-w-md p-6">
        <Problem error={session.error} />
      </main>
    )
  }
  if (session.error || !session.data) return <SignIn onDone={() => void queries.resetQueries()} />
  return <SessionProvider value={session.data}>{children}</SessionProvider>
}

function isSignedOut(error: Error | null): boolean {
  return error instanceof ApiError && error.code === 'unauthorized'
}

function SignIn({ onDone }: { onDone: () => void }): ReactNode {
  const [credential, setCredential] = useState('')
  const [error, setError] = useState<Error>()
  const [isBusy, setBusy] = useState(false)
  const signIn = async (): Promise<void> => {
    setBusy(true)
    try {
      await send('POST', '/admin/session', { credential: credential.trim() })
      onDone()
    } catch (failure) {
      setError(wordsFor(failure))
    } finally {
      setBusy(false)
    }
  }
  return (
    <main className="mx-auto flex min-h-screen max-w-sm flex-col justify-center p-6">
      <div className="mb-6 flex items-center gap-3">
        <img src="/icon.svg" alt="" className="size-10" />
        <h1 className="text-xl font-semibold">MLflow Gateway</h1>
      </div>
      <form
        className="space-y-4 rounded-lg border border-line bg-surface p-5"
        onSubmit={(event) => {
          event.preventDefault()
          void signIn()
        }}
      >
        <TextField
          label="Admin key"
          hint="What MLFLOW_GATEWAY_ADMIN_KEY holds, or the file whose path the gateway printed when it started. A token of your identity provider does as well."
          type="password"
          autoComplete="current-password"
          autoFocus
          required
          value={credential}
          onChange={setCredential}
        />
        {error && <Problem error={error} />}
        <Button look="primary" type="submit" className="w-full" disabled={isBusy || credential.trim() === ''}>
          {isBusy ? 'Signing in…' : 'Sign in'}
        </Button>
      </form>
    </main>
  )
}

function wordsFor(failure: unknown): Error {
  if (failure instanceof TypeError) return new Error('The key holds a character that no key has.')
  if (!(failure instanceof ApiError)) return new Error('That did not work.')
  if (failure.code === 'unauthorized') return new Error('That is not the admin key of this gateway.')
  return failure
}
