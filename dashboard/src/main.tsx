import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiError } from './api.ts'
import { createPages } from './router.tsx'
import { SignInGate } from './sign-in-gate.tsx'
import './styles.css'
import { startTheme } from './theme.ts'

startTheme()

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      // What was refused is refused again; what did not answer may yet.
      retry: (count, error) => error instanceof ApiError && error.code === 'unreachable' && count < 2,
    },
  },
})
const router = createPages()
const root = document.getElementById('root')
if (!root) throw new Error('the page has no root')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <SignInGate>
        <RouterProvider router={router} />
      </SignInGate>
    </QueryClientProvider>
  </StrictMode>,
)
