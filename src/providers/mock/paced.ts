import type { TimedChunk } from '../timed-source.ts'

/** Texts at a set rate: `intervalMs` from one to the next. The first one (roles) comes at once, and a first token with it. */
export function* paced(texts: Iterator<string>, intervalMs: number): Generator<TimedChunk, undefined> {
  for (let index = 0, next = texts.next(); !next.done; index++, next = texts.next()) {
    yield { bytes: Buffer.from(next.value), afterMs: index < 2 ? 0 : intervalMs }
  }
  return undefined
}
