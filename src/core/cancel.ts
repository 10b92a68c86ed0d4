import { toGatewayError, type GatewayError } from './error.ts'

/**
 * The part of an `AbortSignal` that the gateway uses; a real one fits. Ours is `Cancellation`, because creating and
 * joining platform signals costs more than the rest of a request's bookkeeping.
 */
export interface CancelSignal {
  readonly aborted: boolean
  /** A `GatewayError`, once aborted. */
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** A signal and the means to abort it, in one. It may follow a parent: what aborts that aborts this. */
export class Cancellation implements CancelSignal {
  #reason: GatewayError | undefined
  /** A list, because there are one or two; a Set per request makes the garbage collector work for it. */
  #listeners: (() => void)[] = []
  readonly #parent: CancelSignal | undefined
  readonly #follow: (() => void) | undefined

  constructor(parent?: CancelSignal) {
    if (!parent) return
    this.#parent = parent
    this.#follow = (): void => this.abort(toGatewayError(parent.reason))
    if (parent.aborted) this.#follow()
    else parent.addEventListener('abort', this.#follow)
  }

  get aborted(): boolean {
    return this.#reason !== undefined
  }

  get reason(): GatewayError | undefined {
    return this.#reason
  }

  /** The first reason stays. */
  abort(reason: GatewayError): void {
    if (this.#reason) return
    this.#reason = reason
    this.release()
    const listeners = this.#listeners
    this.#listeners = []
    for (const listener of listeners) listener()
  }

  /** Stop following the parent: this part of the work is done. */
  release(): void {
    if (this.#follow) this.#parent?.removeEventListener('abort', this.#follow)
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const index = this.#listeners.indexOf(listener)
    if (index !== -1) this.#listeners.splice(index, 1)
  }
}
