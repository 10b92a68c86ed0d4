import { setTimeout as sleep } from 'node:timers/promises'

const DEFAULT_DEADLINE_MS = 10_000
const POLL_MS = 15

type Nothing = undefined | null | false

/** Look again and again until `look` finds something, and give it back; fails with `what` after the deadline. */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | Nothing> | T | Nothing,
  deadlineMs: number = DEFAULT_DEADLINE_MS,
): Promise<T> {
  const until = performance.now() + deadlineMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== null && found !== false) return found
    if (performance.now() > until) throw new Error(`waited ${deadlineMs} ms in vain for: ${what}`)
    await sleep(POLL_MS)
  }
}

/** The promise's value, or a failure with `what` after the deadline. */
export async function within<T>(what: string, promise: Promise<T>, deadlineMs: number): Promise<T> {
  const late = new AbortController()
  const timer = sleep(deadlineMs, undefined, { signal: late.signal }).then(
    () => {
      throw new Error(`waited ${deadlineMs} ms in vain for: ${what}`)
    },
    () => promise,
  )
  try {
    return await Promise.race([promise, timer])
  } finally {
    late.abort()
  }
}
