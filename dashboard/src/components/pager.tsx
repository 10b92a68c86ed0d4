import type { UseInfiniteQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Button } from './basics.tsx'

/** Below a list that may go on. */
export function More({
  query,
}: {
  query: Pick<UseInfiniteQueryResult, 'hasNextPage' | 'isFetchingNextPage' | 'fetchNextPage'>
}): ReactNode {
  if (!query.hasNextPage) return null
  return (
    <div className="mt-3 text-center">
      <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {query.isFetchingNextPage ? 'Reading…' : 'Show more'}
      </Button>
    </div>
  )
}
