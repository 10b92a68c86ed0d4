import type { IncomingMessage } from 'node:http'

const NO_SEARCH = new URLSearchParams()

/** A request's query; the same empty one for all that have none, so it must not be changed. */
export function searchOf({ url = '' }: IncomingMessage): URLSearchParams {
  const mark = url.indexOf('?')
  return mark === -1 ? NO_SEARCH : new URLSearchParams(url.slice(mark))
}

/** A request's path without the query: callers may have put a credential there. */
export function pathOf({ url = '' }: IncomingMessage): string {
  const mark = url.indexOf('?')
  return mark === -1 ? url : url.slice(0, mark)
}
