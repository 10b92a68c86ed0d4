import type { ErrorKind } from '../core/error.ts'
import { ERROR_PHRASES, ERROR_WORDS } from './error-vocabulary.ts'

/** What a provider said when it refused. */
export interface Refusal {
  /** Of the reply, or the one that the same error has elsewhere. */
  status: number
  /** Its words for the failure, most telling first: codes, types, names of exceptions. */
  words?: readonly unknown[]
  message?: string | undefined
}

export interface RefusalClass {
  kind: ErrorKind
  /** For the client. */
  status: number
}

/**
 * The class of a refusal: by the provider's own words and phrases where they can be believed beside its status, else by
 * the status. The status stays what the provider said, apart from those that would put the blame on the wrong side.
 */
export function classifyRefusal({ status, words = [], message = '' }: Refusal): RefusalClass {
  // A redirect is an answer that nobody understands, not a mistake of the caller.
  if (status < 400) return { kind: 'bad_response', status: 502 }
  const kind = kindByWord(words, status) ?? kindByPhrase(message, status) ?? kindByStatus(status)
  return { kind, status: statusFor(kind, status) }
}

function kindByWord(words: readonly unknown[], status: number): ErrorKind | undefined {
  for (const word of words) {
    if (typeof word !== 'string' || word.length > LONGEST_WORD) continue
    const kind = ERROR_WORDS.get(word.toLowerCase().replaceAll(/[^a-z0-9]/g, ''))
    if (kind && isBelievable(kind, status)) return kind
  }
  return undefined
}

const LONGEST_WORD = 80

function kindByPhrase(message: string, status: number): ErrorKind | undefined {
  const beginning = message.slice(0, PHRASES_WITHIN)
  return ERROR_PHRASES.find(([kind, phrase]) => isBelievable(kind, status) && phrase.test(beginning))?.[0]
}

/** A phrase further on is rather something that the message quotes. */
const PHRASES_WITHIN = 2000

/**
 * Whether a word or phrase can mean what it says under this status. "Too many tokens" is about the prompt in a 400 and
 * about the last minute in a 429; what a 401 or 403 names may exist all the same.
 */
function isBelievable(kind: ErrorKind, status: number): boolean {
  switch (kind) {
    case 'context_window':
      return !REFUSES_CALLER.has(status) && !OVERLOADED.has(status)
    case 'content_policy':
      return status === 403 || (!REFUSES_CALLER.has(status) && !OVERLOADED.has(status))
    case 'model_not_found':
      return status < 500 && !REFUSES_CALLER.has(status) && status !== 408
    case 'auth':
      return status < 500
    case 'rate_limit':
      return status === 400 || status >= 500
    default:
      return status === 429 || status >= 500
  }
}

/** About who asks, or how often. */
const REFUSES_CALLER: ReadonlySet<number> = new Set([401, 402, 403, 429])

/** Too busy; 498 is Groq's. */
const OVERLOADED: ReadonlySet<number> = new Set([498, 503, 529])

/** Too slow; 524 is Cloudflare's word for the server behind it. */
const TIMEOUT: ReadonlySet<number> = new Set([408, 504, 524])

function kindByStatus(status: number): ErrorKind {
  if (status === 401 || status === 402 || status === 403) return 'auth'
  if (status === 404) return 'not_found'
  if (status === 413) return 'too_large'
  if (status === 429) return 'rate_limit'
  if (TIMEOUT.has(status)) return 'timeout'
  if (OVERLOADED.has(status)) return 'overloaded'
  return status >= 500 ? 'server_error' : 'bad_request'
}

/** What is wrong with a request is no 5xx, which SDKs repeat, and no 403, which would be about the client's own key. */
function statusFor(kind: ErrorKind, status: number): number {
  if (kind !== 'context_window' && kind !== 'content_policy') return status
  return status >= 500 || status === 403 ? 400 : status
}
