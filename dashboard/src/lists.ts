import { useInfiniteQuery, type UseInfiniteQueryResult } from '@tanstack/react-query'
import type { ListAnswer } from '../../src/admin/contract.ts'
import { get, type Query } from './api.ts'

export type ListQuery<Item> = UseInfiniteQueryResult<readonly Item[]>

/** A list of the API, page by page. `everyMs`: how often it is read anew. */
export function useList<Item>(path: string, query: Query = {}, everyMs?: number): ListQuery<Item> {
  return useInfiniteQuery({
    queryKey: [path, query],
    queryFn: ({ pageParam, signal }) =>
      get<ListAnswer<Item>>(path, { ...query, ...(pageParam !== '' && { after: pageParam }) }, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    select: ({ pages }) => pages.flatMap(({ items }) => items),
    ...(everyMs !== undefined && { refetchInterval: everyMs }),
  })
}
