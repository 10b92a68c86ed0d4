import type { Socket } from 'node:net'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'

/** How bytes go through. Looked up for each run of bytes, so that it may change meanwhile. */
export interface FlowFaults {
  /** Each byte is so much later. */
  readonly latencyMs?: number
  readonly bytesPerSecond?: number
  /** Written in pieces of so many bytes, each in a turn of its own. */
  readonly sliceBytes?: number
}

/** More than this on its way is not read from its sender. */
const MOST_UNDER_WAY = 256 * 1024

/** Bytes in one direction, late and slow as the faults want. */
export class ProxyFlow {
  readonly #from: Socket
  readonly #to: Socket
  readonly #faults: () => FlowFaults
  readonly #queue: { bytes: Buffer; at: number }[] = []
  #underWay = 0
  #isPumping = false
  #last: (() => void) | undefined

  constructor(from: Socket, to: Socket, faults: () => FlowFaults) {
    this.#from = from
    this.#to = to
    this.#faults = faults
  }

  push(bytes: Buffer): void {
    this.#queue.push({ bytes, at: performance.now() })
    this.#underWay += bytes.length
    if (this.#underWay > MOST_UNDER_WAY) this.#from.pause()
    void this.#pump()
  }

  /** Done once all bytes so far have gone. */
  finish(last: () => void): void {
    this.#last = last
    void this.#pump()
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return
    this.#isPumping = true
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      const { latencyMs = 0, bytesPerSecond = Infinity } = this.#faults()
      const due = Math.max(
        next.at + latencyMs,
        performance.now() + (next.bytes.length * 1000) / bytesPerSecond,
      )
      if (due > performance.now()) await sleep(due - performance.now())
      await this.#write(next.bytes)
      this.#underWay -= next.bytes.length
      if (this.#underWay <= MOST_UNDER_WAY) this.#from.resume()
    }
    this.#isPumping = false
    this.#last?.()
    this.#last = undefined
  }

  async #write(bytes: Buffer): Promise<void> {
    const { sliceBytes = bytes.length } = this.#faults()
    for (let start = 0; start < bytes.length; start += sliceBytes) {
      if (this.#to.destroyed) return
      await new Promise<void>((resolve) => {
        this.#to.write(bytes.subarray(start, start + sliceBytes), () => resolve())
      })
      if (sliceBytes < bytes.length) await turn()
    }
  }
}
