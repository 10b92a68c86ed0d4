import type { JsonObject, JsonValue } from '../../../src/core/json.ts'
import type { Recording } from '../recordings.ts'

/** What an answer says, whatever its dialect: of a recording by reading its bytes, of the gateway through an SDK. */
export interface Said {
  text: string
  thinking: string
  refusal: string
  calls: { name: string; arguments: unknown }[]
  /** stop, length, tool_calls, content_filter; another word is the provider's own. */
  finish: string
  usage: SaidUsage
  /** Why the provider filtered the answer: its own words, not the model's. */
  explanation?: string
  /** What went wrong in the middle of a stream. */
  error?: string
}

/** Token counts. 0 where nothing was said. */
export interface SaidUsage {
  /** Cached ones included. */
  input: number
  /** Thinking included. */
  output: number
  cacheRead: number
  cacheWrite: number
  reasoning: number
}

/** Nothing yet. */
export function nothing(): Said {
  return {
    text: '',
    thinking: '',
    refusal: '',
    calls: [],
    finish: '',
    usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
  }
}

/** A tool call being read: the JSON text of its arguments grows. */
export interface OpenCall {
  name: string
  json: string
}

export function closeCalls(calls: readonly OpenCall[]): Said['calls'] {
  return calls.map(({ name, json }) => ({ name, arguments: parseArguments(json) }))
}

/** Arguments as a value: the same call can be spelled in many ways. None are an empty object. */
export function parseArguments(json: string): unknown {
  if (json.trim() === '' || json.trim() === 'null') return {}
  try {
    return JSON.parse(json)
  } catch {
    return json
  }
}

/** `json` if it is text of a call's arguments, else its text. */
export function argumentsText(json: JsonValue | undefined): string {
  return typeof json === 'string' ? json : JSON.stringify(json ?? {})
}

/** The data of a recording's server-sent events, parsed; `[DONE]` and comments are left out. */
export function eventsOf({ bytes }: Recording): JsonObject[] {
  const events: JsonObject[] = []
  for (const block of bytes.toString('utf8').split(/\r?\n\r?\n/)) {
    const data = block
      .split(/\r?\n/)
      .flatMap((line) => (line.startsWith('data:') ? line.slice('data:'.length).trim() : []))
      .join('\n')
    if (data !== '' && data !== '[DONE]') events.push(JSON.parse(data))
  }
  return events
}

export function bodyOf({ bytes }: Recording): JsonObject {
  return JSON.parse(bytes.toString('utf8'))
}

export function numberOf(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
