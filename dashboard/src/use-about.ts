import { useQuery } from '@tanstack/react-query'
import type { AboutAnswer } from '../../src/admin/contract.ts'
import { get } from './api.ts'

/** What the gateway is; undefined until it is known. */
export function useAbout(): AboutAnswer | undefined {
  return useQuery({
    queryKey: ['/admin/about'],
    queryFn: ({ signal }) => get<AboutAnswer>('/admin/about', {}, signal),
    staleTime: 60_000,
  }).data
}

/** Where clients reach the gateway, as seen from this browser; something in front of it may have another name. */
export function useClientUrl(): string {
  const about = useAbout()
  return `${location.protocol}//${location.hostname}:${about?.port ?? 5000}`
}
