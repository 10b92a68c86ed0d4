import { Agent, request } from 'undici'
import type { Random } from '../../test/faults/rig/random.ts'
import type { SoakKey, SoakKeys } from './keys.ts'

/** One request as its client saw it. */
export interface Asked {
  /** In its prompt, by which the upstream knows it. */
  readonly number: number
  readonly keyId: string | undefined
  readonly status: number
  readonly isStream: boolean
  /** The answer came to its proper end. */
  readonly isWhole: boolean
  /** The client itself hung up. */
  readonly hasLeft: boolean
}

export interface LoadSetup {
  readonly url: string
  readonly keys: SoakKeys
  readonly random: Random
  readonly perSecond: number
  /** A request is over. `id` is the gateway's. */
  readonly over: (id: string, asked: Asked) => void
  /** No answer, though nobody hung up. */
  readonly lost: (number: number, problem: string) => void
}

const TICK_MS = 20
const STREAMS = 0.4
const LEAVE = 0.005
/** Of requests with a key that was revoked. */
const DEAD = 0.01
const MOST_OPEN = 400

/** Requests at an even rate, however long the answers take. */
export class SoakLoad {
  readonly #setup: LoadSetup
  readonly #agent = new Agent({ connections: 64, keepAliveTimeout: 30_000 })
  readonly #timer: NodeJS.Timeout
  #owed = 0
  #number = 0
  #open = 0
  /** Not sent, because the answers to so many others were still to come. */
  skipped = 0

  constructor(setup: LoadSetup) {
    this.#setup = setup
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  get sent(): number {
    return this.#number
  }

  /** No more requests; those under way are waited for. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    const until = performance.now() + 30_000
    while (this.#open > 0 && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 50))
    await this.#agent.destroy()
  }

  #tick(): void {
    this.#owed += (this.#setup.perSecond * TICK_MS) / 1000
    for (; this.#owed >= 1; this.#owed--) {
      if (this.#open < MOST_OPEN) void this.#send()
      else this.skipped++
    }
  }

  async #send(): Promise<void> {
    const { keys, random, over, lost } = this.#setup
    const dead = random.chance(DEAD) ? keys.takeDead() : undefined
    const key = dead ?? keys.pick()
    if (!key) return
    const number = ++this.#number
    const leaves = random.chance(LEAVE)
    this.#open++
    try {
      const { id, ...asked } = await this.#ask({ number, key, isStream: random.chance(STREAMS), leaves })
      over(id, { number, keyId: dead ? undefined : key.id, ...asked })
    } catch (error) {
      lost(number, String(error))
    } finally {
      this.#open--
    }
  }

  async #ask({
    number,
    key,
    isStream,
    leaves,
  }: Plan): Promise<Omit<Asked, 'number' | 'keyId'> & { id: string }> {
    const { statusCode, headers, body } = await request(`${this.#setup.url}/v1/chat/completions`, {
      dispatcher: this.#agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key.key}` },
      body: JSON.stringify({
        model: 'chat',
        stream: isStream,
        messages: [{ role: 'user', content: `soak-${number} ${'lorem ipsum '.repeat(number % 40)}` }],
        ...(isStream && { stream_options: { include_usage: true } }),
      }),
    })
    const id = String(headers['x-request-id'])
    let text = ''
    let hasLeft = false
    try {
      for await (const chunk of body.setEncoding('utf8')) {
        text += String(chunk)
        if (leaves && isStream) {
          hasLeft = true
          break
        }
      }
    } catch {
      // Cut off: it is told by its missing end.
    }
    const isWhole = !isStream || text.includes('data: [DONE]')
    return { id, status: statusCode, isStream, isWhole: isWhole && !hasLeft, hasLeft }
  }
}

interface Plan {
  readonly number: number
  readonly key: SoakKey
  readonly isStream: boolean
  readonly leaves: boolean
}
