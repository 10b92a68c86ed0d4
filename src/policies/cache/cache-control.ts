/** What a client's `cache-control` asks of the cache. */
export interface CacheWish {
  /** Whether a kept answer will do. */
  readonly reads: boolean
  /** Whether the answer may be kept. */
  readonly stores: boolean
  /** How old a kept answer may be at most. */
  readonly maxAgeMs: number
}

const ANYTHING: CacheWish = { reads: true, stores: true, maxAgeMs: Infinity }

/**
 * Reads `no-cache`, `no-store` and `max-age` of a request; other directives are none of ours.
 * Spec: https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1
 */
export function readCacheControl(header: string | undefined): CacheWish {
  if (header === undefined) return ANYTHING
  const directives = new Set(header.split(',').map((directive) => directive.trim().toLowerCase()))
  const maxAgeMs = Math.min(...Array.from(directives, readMaxAge))
  const stores = !directives.has('no-store')
  return { reads: stores && maxAgeMs > 0 && !directives.has('no-cache'), stores, maxAgeMs }
}

/** In milliseconds. A number that cannot be read is as good as 0, as the specification advises. */
function readMaxAge(directive: string): number {
  if (!directive.startsWith('max-age=')) return Infinity
  const seconds = /^max-age="?(\d+)"?$/.exec(directive)?.[1]
  return seconds === undefined ? 0 : Number(seconds) * 1000
}
