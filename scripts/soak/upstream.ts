import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { listen } from '../../test/support/listen.ts'
import { Random } from '../../test/faults/rig/random.ts'

/** What became of one request that the gateway sent: `ok` has told its tokens. */
export interface UpstreamEntry {
  readonly end: 'ok' | 'refused' | 'dropped' | 'cut'
  readonly inputTokens: number
  readonly outputTokens: number
}

const REFUSALS = [500, 503, 429] as const
const PIECES = 8
const PIECE_MS = 5

/** A provider with OpenAI's API that fails now and then, and keeps a ledger of what it answered. */
export class SoakUpstream {
  readonly #random: Random
  readonly #faults: number
  readonly #server: Server
  /** By the number in a request's prompt. */
  readonly #ledger = new Map<number, UpstreamEntry[]>()
  requests = 0
  failures = 0
  port = 0

  private constructor(seed: number, faults: number) {
    this.#random = new Random(seed)
    this.#faults = faults
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      void this.#answer(request, response)
    })
  }

  static async start({ seed, faults }: { seed: number; faults: number }): Promise<SoakUpstream> {
    const upstream = new SoakUpstream(seed, faults)
    upstream.port = await listen(upstream.#server)
    return upstream
  }

  /** What is known of a request, which is forgotten with this. */
  take(number: number): readonly UpstreamEntry[] {
    const entries = this.#ledger.get(number) ?? []
    this.#ledger.delete(number)
    return entries
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    try {
      for await (const chunk of request.setEncoding('utf8')) text += String(chunk)
    } catch {
      return
    }
    const number = Number(/soak-(\d+)/.exec(text)?.[1])
    const isStream = /"stream":\s*true/.test(text)
    this.requests++
    const usage = {
      prompt_tokens: 1 + this.#random.below(500),
      completion_tokens: 1 + this.#random.below(200),
    }
    const note = (end: UpstreamEntry['end']): void => this.#note(number, end, usage)
    response.on('error', () => undefined)
    if (!this.#random.chance(this.#faults)) {
      note('ok')
      if (isStream) stream(response, { pieces: PIECES, usage })
      else whole(response, usage)
      return
    }
    this.failures++
    const kind = this.#random.below(3)
    if (kind === 0) {
      note('refused')
      const body = '{"error":{"message":"on purpose","type":"server_error"}}'
      response.writeHead(this.#random.pick(REFUSALS), { 'content-type': 'application/json' }).end(body)
    } else if (kind === 1 || !isStream) {
      note('dropped')
      request.socket.destroy()
    } else {
      note('cut')
      stream(response, { pieces: PIECES / 2, usage: undefined })
    }
  }

  #note(number: number, end: UpstreamEntry['end'], usage: Usage): void {
    const entry = { end, inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens }
    const known = this.#ledger.get(number)
    if (known) known.push(entry)
    else this.#ledger.set(number, [entry])
  }
}

interface Usage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
}

const HEAD = { id: 'chatcmpl-soak', created: 1_700_000_000, model: 'soak' }

function whole(response: ServerResponse, usage: Usage): void {
  const choices = [{ index: 0, message: { role: 'assistant', content: 'well' }, finish_reason: 'stop' }]
  const body = JSON.stringify({ ...HEAD, object: 'chat.completion', choices, usage: withTotal(usage) })
  response.writeHead(200, { 'content-type': 'application/json' }).end(body)
}

/** Without usage it breaks off after its pieces. */
function stream(
  response: ServerResponse,
  { pieces, usage }: { pieces: number; usage: Usage | undefined },
): void {
  let left = pieces
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const next = (): void => {
    if (response.destroyed) return
    if (left-- > 0) {
      response.write(event([{ index: 0, delta: { content: 'word ' }, finish_reason: null }]))
      setTimeout(next, PIECE_MS)
    } else if (usage) {
      response.write(event([{ index: 0, delta: {}, finish_reason: 'stop' }]))
      response.end(`${event([], { usage: withTotal(usage) })}data: [DONE]\n\n`)
    } else response.destroy()
  }
  next()
}

function withTotal(usage: Usage): object {
  return { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens }
}

function event(choices: readonly object[], more: object = {}): string {
  return `data: ${JSON.stringify({ ...HEAD, object: 'chat.completion.chunk', choices, ...more })}\n\n`
}
