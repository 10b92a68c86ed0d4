import { MemoryCounters, type Counters } from '../core/counters.ts'

/** A worker's question to the primary: add this, and what is the sum then? */
export interface CountQuestion {
  readonly type: 'count'
  readonly id: number
  readonly key: string
  readonly amount: number
  readonly windowMs: number
}

/** The primary's answer to the question with this id. */
export interface CountAnswer {
  readonly type: 'counted'
  readonly id: number
  readonly sum: number
}

/** A primary that has not answered by then is busy or stuck, and requests cannot wait for it. */
const ANSWER_TIMEOUT_MS = 1000

interface Waiting {
  answer(sum: number): void
}

/**
 * A worker's way to counters that hold across all workers: it asks the primary. While that is silent, what this worker
 * alone has counted is the answer, at once and not after a wait for each, so a limit is looser then but never gone.
 */
export class PrimaryCounters implements Counters {
  readonly #ask: (question: CountQuestion) => boolean
  /** Everything is counted here too, so that there is something to go by when the primary falls silent. */
  readonly #own = new MemoryCounters()
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  #isSilent = false
  #isPipeFull = false

  /** `ask` sends a question; false says that the pipe is full or closed, and no more should be written to it. */
  constructor(ask: (question: CountQuestion) => boolean) {
    this.#ask = ask
  }

  add(key: string, amount: number, windowMs: number): number | Promise<number> {
    const own = this.#own.add(key, amount, windowMs)
    if (this.#isPipeFull) return own
    const id = ++this.#lastId
    this.#isPipeFull = !this.#ask({ type: 'count', id, key, amount, windowMs })
    return this.#isSilent || this.#isPipeFull ? own : this.#answerTo(id, own)
  }

  /** The primary answered. One that does is no longer silent, and reads its pipe. */
  receive({ id, sum }: CountAnswer): void {
    this.#isSilent = false
    this.#isPipeFull = false
    this.#waiting.get(id)?.answer(sum)
  }

  #answerTo(id: number, own: number): Promise<number> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#isSilent = true
        answer(own)
      }, ANSWER_TIMEOUT_MS)
      const answer = (sum: number): void => {
        clearTimeout(timer)
        this.#waiting.delete(id)
        resolve(sum)
      }
      this.#waiting.set(id, { answer })
    })
  }
}

/** The primary's side: the answer to one worker's question. */
export async function answerCount(
  counters: Counters,
  { id, key, amount, windowMs }: CountQuestion,
): Promise<CountAnswer> {
  return { type: 'counted', id, sum: await counters.add(key, amount, windowMs) }
}
