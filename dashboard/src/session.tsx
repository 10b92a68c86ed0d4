import { createContext, use } from 'react'
import type { SessionAnswer } from '../../src/admin/contract.ts'

const SessionContext = createContext<SessionAnswer | undefined>(undefined)

/** Who is signed in, for everything inside. */
export const SessionProvider = SessionContext.Provider

/** Who is signed in. */
export function useSession(): SessionAnswer {
  const session = use(SessionContext)
  if (!session) throw new Error('nobody is signed in here')
  return session
}

/** Whether the one who is signed in may change what only admins may. */
export function useIsAdmin(): boolean {
  return useSession().role === 'admin'
}
