import type { Script, Turn } from './upstream.ts'

const HEAD = { id: 'chatcmpl-1', object: 'chat.completion', created: 1_700_000_000 }
const JSON_TYPE = { 'content-type': 'application/json' }

/** OpenAI's whole answer to a chat. */
export function completion(text: string, model = 'gpt'): string {
  return JSON.stringify({
    ...HEAD,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 },
  })
}

/** One event with a piece of the answer. */
export function chunk(text: string, model = 'gpt'): string {
  return event({ ...CHUNK, model, choices: [{ index: 0, delta: { content: text }, finish_reason: null }] })
}

/** The event that says why the answer ends. */
export function finish(model = 'gpt'): string {
  return event({ ...CHUNK, model, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
}

/** The event with the token counts, which comes only when it was asked for. */
export function usage(model = 'gpt'): string {
  const counts = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 }
  return event({ ...CHUNK, model, choices: [], usage: counts })
}

export const DONE = 'data: [DONE]\n\n'

/** A complete stream of pieces. */
export function wholeStream(...pieces: string[]): string {
  return pieces.map((piece) => chunk(piece)).join('') + finish() + usage() + DONE
}

/** Any value as an event. */
export function event(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`
}

const CHUNK = { ...HEAD, object: 'chat.completion.chunk' }

/** Answers a chat with this text. */
export function says(text: string): Script {
  return (turn) => turn.send(200, JSON_TYPE, completion(text, turn.entry.model))
}

/** Streams these bytes and ends in order. */
export function streams(...writes: (string | Buffer)[]): Script {
  return (turn) => {
    turn.startStream()
    for (const bytes of writes) turn.write(bytes)
    turn.response.end()
  }
}

/** Answers with an error in OpenAI's shape. */
export function refuses(status: number, message: string, headers: Record<string, string> = {}): Script {
  return (turn) => turn.send(status, { ...JSON_TYPE, ...headers }, JSON.stringify({ error: { message } }))
}

/** Begins a stream with these pieces and leaves it open; `take` gets the turn to go on with. */
export function opens(pieces: readonly string[], take: (turn: Turn) => void = () => undefined): Script {
  return (turn) => {
    turn.startStream()
    for (const piece of pieces) turn.write(chunk(piece, turn.entry.model))
    take(turn)
  }
}
