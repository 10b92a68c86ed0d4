import { createHash } from 'node:crypto'
import { type IncomingMessage } from 'node:http'
import { findMarkers } from './marker.ts'
import type { WireDialect } from './wire-bodies.ts'

/** How a request went, as the provider saw it. */
export type LedgerEnd =
  /** All was said that there was to say. */
  | 'answered'
  /** It was refused, garbled or cut, as its script wanted. */
  | 'failed'
  /** The gateway hung up before. */
  | 'aborted'

/** One request that reached a provider. Times are readings of `performance.now()`. */
export interface LedgerEntry {
  /** Which of the providers, and its how-manieth request, from 1. */
  readonly provider: string
  readonly number: number
  readonly path: string
  readonly at: number
  /** A fingerprint of the credential, never the credential; empty when there was none. */
  readonly key: string
  /** Counts the provider's connections from 1. */
  readonly socket: number
  /** The connection had carried a request before. */
  readonly isReused: boolean
  readonly acceptEncoding: string
  dialect: WireDialect
  /** Known when the body has come. */
  model: string
  isStream: boolean
  /** All that were found in the body: one, unless requests were mixed up. */
  markers: readonly string[]
  bytesReceived: number
  /** Body bytes handed to the connection. */
  bytesSent: number
  /** Undefined while it is under way. */
  end?: LedgerEnd
  endedAt?: number
}

/** What is known of a request before its body. */
export interface RequestPlace {
  readonly provider: string
  readonly number: number
  readonly socket: number
  readonly isReused: boolean
}

/** The entry of a request whose head has come. */
export function beginEntry(request: IncomingMessage, place: RequestPlace): LedgerEntry {
  const path = request.url ?? ''
  return {
    ...place,
    path,
    at: performance.now(),
    key: fingerprint(credentialOf(request)),
    acceptEncoding: request.headers['accept-encoding'] ?? '',
    dialect: dialectOf(path),
    model: '',
    isStream: path.includes(':streamGenerateContent'),
    markers: [],
    bytesReceived: 0,
    bytesSent: 0,
  }
}

/** Note what the body says. */
export function readBody(entry: LedgerEntry, body: Buffer): void {
  const text = body.toString('utf8')
  entry.markers = findMarkers(text)
  const named = /\/models\/([^/:?]+):/.exec(entry.path)?.[1]
  const { model = '', stream = false } = parse(text)
  entry.model = named === undefined ? model : decodeURIComponent(named)
  entry.isStream ||= stream
}

/** A credential's mark in the ledger: the same for the same key, and of no use to anyone. */
export function fingerprint(key: string): string {
  return key === '' ? '' : createHash('sha256').update(key).digest('hex').slice(0, 12)
}

/** The first end counts: who cuts on purpose notes it before the connection tells. */
export function endEntry(entry: LedgerEntry, end: LedgerEnd): void {
  if (entry.end !== undefined) return
  entry.end = end
  entry.endedAt = performance.now()
}

function credentialOf({ headers }: IncomingMessage): string {
  const key = headers['x-api-key'] ?? headers['x-goog-api-key'] ?? headers['api-key']
  return String(key ?? headers.authorization ?? '').replace(/^Bearer /, '')
}

function dialectOf(path: string): WireDialect {
  if (path.includes('/messages')) return 'anthropic'
  return /:(?:stream)?generateContent/i.test(path) ? 'gemini' : 'openai'
}

function parse(text: string): { model?: string; stream?: boolean } {
  try {
    const body: { model?: string; stream?: boolean } | null = JSON.parse(text)
    return body ?? {}
  } catch {
    return {}
  }
}
