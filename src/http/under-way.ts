import type { ClientConnection, InProgress } from './client-connection.ts'

/**
 * The requests under way, so that a shutdown can wait for them or end them. A plain list: each request remembers its
 * place, and the last one takes the place of one that leaves.
 */
export class UnderWay {
  readonly #connections: ClientConnection[] = []

  get size(): number {
    return this.#connections.length
  }

  add(connection: ClientConnection): void {
    connection.place = this.#connections.push(connection) - 1
  }

  delete(connection: ClientConnection): void {
    const last = this.#connections.pop()
    if (!last || last === connection) return
    this.#connections[connection.place] = last
    last.place = connection.place
  }

  /** Those that a handler has begun with. */
  *inProgress(): Generator<InProgress> {
    for (const { inProgress } of this.#connections) if (inProgress) yield inProgress
  }

  /** A copy: ending a request takes it off the list. */
  list(): ClientConnection[] {
    return [...this.#connections]
  }
}
