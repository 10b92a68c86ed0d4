import type { Outcome, Shot } from './outcome.ts'
import type { WireDialect } from './wire-bodies.ts'

/** One request of tenant 1, at once, with the fields that matter replaced. */
export function shotOf(fields: Partial<Shot> = {}): Shot {
  return { marker: 'T1R1', dialect: 'openai', route: 'model', stream: false, dueMs: 0, ...fields }
}

/** A good outcome of such a request, with the fields that matter replaced. */
export function outcomeOf(fields: Partial<Outcome> = {}): Outcome {
  return {
    shot: shotOf(),
    end: 'whole',
    status: 200,
    headers: { 'x-request-id': 'id-1', 'x-gateway-attempts': '1' },
    body: Buffer.from('[T1R1:0/1]'),
    verdict: { kind: 'answer', text: '[T1R1:0/1]' },
    firstByteMs: 1,
    totalMs: 2,
    ...fields,
  }
}

/** Each dialect, whole and streamed. */
export const MANNERS: readonly { dialect: WireDialect; stream: boolean }[] = (
  ['openai', 'anthropic', 'gemini'] as const
).flatMap((dialect) => [false, true].map((stream) => ({ dialect, stream })))
