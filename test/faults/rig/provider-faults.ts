import type { Behaviour, Cut } from './behaviour.ts'
import { BODIES } from './wire-bodies.ts'

/** Well answered. */
export const ANSWERS: Behaviour = {}

/** Takes the request and says nothing. */
export const NEVER_ANSWERS: Behaviour = { isSilent: true }

/** A refusal in the dialect's own words; `headers` may hold a `retry-after`. */
export function refuses(status: number, headers: Readonly<Record<string, string>> = {}): Behaviour {
  return { status, headers }
}

/** A refusal with a wait in Google's `RetryInfo`, such as `3s`; for other dialects without. */
export function refusesFor(retryDelay: string): Behaviour {
  const body: Behaviour['body'] = ({ dialect }) => BODIES[dialect].error(429, 'Slow down.', retryDelay)
  return { status: 429, body }
}

/** Status 200 and an error as the body, also when a stream was asked for. */
export const ERROR_WITH_STATUS_200: Behaviour = {
  body: ({ dialect }) => BODIES[dialect].error(503, 'The model fell over.'),
  isFault: true,
}

/** The page of a proxy on the way. */
export const HTML: Behaviour = {
  body: '<html>Sign in</html>',
  headers: { 'content-type': 'text/html' },
  isFault: true,
}

export const EMPTY: Behaviour = { body: '', isFault: true }

/** A good answer of which the head says that it is something else. */
export const WRONG_TYPE: Behaviour = { headers: { 'content-type': 'text/plain' }, isFault: true }

/** Packed although nobody asked for it, but well. */
export const GZIPPED: Behaviour = { isGzipped: true }

/** A whole answer whose head promises so many bytes. */
export function claims(contentLength: number): Behaviour {
  return { contentLength, isFault: true }
}

/** No HTTP, or HTTP to the byte. */
export function says(raw: string | Buffer): Behaviour {
  return { raw }
}

/** A stream that fails in its own words after so many pieces; 0: at once. */
export function failsAfter(errorAfter: number): Behaviour {
  return { errorAfter }
}

/** Falls silent after so many pieces. */
export function stallsAfter(stallAfter: number): Behaviour {
  return { stallAfter }
}

/** Breaks off after so many pieces. */
export function cutsAfter(after: number, how: Cut['how'], within?: Cut['within']): Behaviour {
  return { cut: within === undefined ? { after, how } : { after, how, within } }
}
