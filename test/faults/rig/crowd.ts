import { Agent } from 'node:http'
import { ask, chatBody } from '../../support/ask.ts'
import type { Gateway } from '../../support/gateway.ts'
import { report } from './report.ts'

/** Clients that ask a route again and again, each on a connection of its own, and keep what they got. */
export class Crowd {
  readonly #url: string
  /** Requests whose whole answer came with 200. */
  readonly answered = new Set<string>()
  readonly #ends = new Map<string, number>()
  slowestMs = 0
  #isOver = false

  constructor({ url }: Gateway) {
    this.#url = `${url}/v1/chat/completions`
  }

  /** How often each status came; `broken` without an answer. */
  get ends(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#ends)
  }

  get count(): number {
    return [...this.#ends.values()].reduce((sum, one) => sum + one, 0)
  }

  /** Until `work` is done. */
  async during(work: () => Promise<unknown>, { clients = 8, route = 'chat' } = {}): Promise<void> {
    this.#isOver = false
    const asking = Array.from({ length: clients }, () => this.#askOn(route))
    try {
      await work()
    } finally {
      this.#isOver = true
      await Promise.all(asking)
    }
  }

  async #askOn(route: string): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (!this.#isOver) await this.#askOnce(route, agent)
    agent.destroy()
  }

  async #askOnce(route: string, agent: Agent): Promise<void> {
    const startedAt = performance.now()
    const body = chatBody('hi', { model: route, max_tokens: 16 })
    const end = await ask(this.#url, { body, agent }).then(
      ({ status, headers }) => {
        if (status === 200) this.answered.add(String(headers['x-request-id']))
        return String(status)
      },
      () => 'broken',
    )
    this.#ends.set(end, (this.#ends.get(end) ?? 0) + 1)
    this.slowestMs = Math.max(this.slowestMs, performance.now() - startedAt)
  }

  /** For the table. */
  report({ row, fault, expected }: { row: number; fault: string; expected: string }): void {
    report({
      row: String(row),
      fault,
      expected,
      seed: 0,
      requests: this.count,
      ends: this.ends,
      attempts: this.answered.size,
      violations: [],
      note: `the slowest in ${Math.round(this.slowestMs)} ms`,
    })
  }
}
