/** Everything that the load and the upstream say to each other, made once so that no row pays for making it. */

/** Stands in every answer of the upstream; an answer without it does not count as an answer. */
export const ANSWER_MARK = 'bench-answer'

const MODEL = 'gpt-4o-mini'
const SENTENCE = 'The quick brown fox jumps over the lazy dog while the gateway counts its tokens. '

/** What is in a request before anybody writes it in the shape of an API. */
export interface Prompt {
  /** Rough size of the request body in bytes. */
  readonly bytes: number
  readonly stream?: boolean
}

/** The request as OpenAI's chat API takes it: for the upstream itself and for the bare proxy. */
export function openaiRequest(prompt: Prompt): string {
  return JSON.stringify({ model: MODEL, ...common(prompt), temperature: 1 })
}

/** The request as the gateway's invocations take it, where the route names the model; temperature 0..1 suits all. */
export function invocationsRequest(prompt: Prompt): string {
  return JSON.stringify({ ...common(prompt), temperature: 0.5 })
}

/** The request as an OpenAI client sends it to the gateway: the model is a route's name. */
export function openaiClientRequest(prompt: Prompt, route: string): string {
  return JSON.stringify({ model: route, ...common(prompt), temperature: 1 })
}

/** The same conversation as an Anthropic client sends it. */
export function anthropicRequest(prompt: Prompt, route: string): string {
  const { messages, ...rest } = common(prompt)
  const [system, ...turns] = messages
  return JSON.stringify({ model: route, system: system?.content, messages: turns, ...rest })
}

/** A whole chat completion of about 1 KB. */
export function chatCompletion(): string {
  return JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: MODEL,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: textOf(700) },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens: 200, completion_tokens: 150, total_tokens: 350 },
    system_fingerprint: 'fp_bench',
  })
}

/** The `count` SSE events of a streamed completion, the last with finish_reason and usage, without `[DONE]`. */
export function chatCompletionChunks(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    if (index === count - 1) return sseEvent({}, 'stop')
    if (index === 0) return sseEvent({ role: 'assistant', content: ANSWER_MARK }, null)
    return sseEvent({ content: ` token${index}` }, null)
  })
}

/** One embedding of 256 numbers. */
export function embeddings(): string {
  const embedding = Array.from({ length: 256 }, (_, index) => Math.sin(index + 1) / 16)
  return JSON.stringify({
    object: 'list',
    data: [{ object: 'embedding', index: 0, embedding }],
    model: 'text-embedding-3-small',
    usage: { prompt_tokens: 8, total_tokens: 8 },
  })
}

interface Conversation {
  messages: { role: string; content: string }[]
  max_tokens: number
  stream?: boolean
}

function common(prompt: Prompt): Conversation {
  const room = Math.max(prompt.bytes - 220, 16)
  return {
    messages: [
      { role: 'system', content: 'You are a helpful assistant that answers briefly.' },
      { role: 'user', content: textOf(room) },
    ],
    max_tokens: 256,
    ...(prompt.stream === true ? { stream: true } : {}),
  }
}

function textOf(length: number): string {
  return `${ANSWER_MARK} ${SENTENCE.repeat(Math.ceil(length / SENTENCE.length))}`.slice(0, length)
}

function sseEvent(delta: object, finishReason: string | null): string {
  const chunk = {
    id: 'chatcmpl-bench',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: MODEL,
    system_fingerprint: 'fp_bench',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
    ...(finishReason === null
      ? {}
      : { usage: { prompt_tokens: 200, completion_tokens: 199, total_tokens: 399 } }),
  }
  return `data: ${JSON.stringify(chunk)}\n\n`
}
