import { isObject, type JsonObject, type JsonValue } from '../../core/json.ts'

/** The request's fields that a response repeats, each with what stands there when the client did not send it. */
const ECHOED: Readonly<Record<string, JsonValue>> = {
  background: false,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: 'default',
  temperature: null,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: null,
  truncation: 'disabled',
  user: null,
}

/** What of a response is known at one time. */
export interface ResponseState {
  id: string
  model: string
  createdAt: number
  status: 'in_progress' | 'completed' | 'incomplete' | 'failed'
  /** Each a JSON text. */
  output: readonly string[]
  incomplete?: string
  error?: { code: string; message: string }
  usage?: JsonObject
}

/**
 * Writes the response object, which holds much of the request again: that is written once, however often it is needed.
 * Spec: https://platform.openai.com/docs/api-reference/responses/object
 */
export class ResponseObjectWriter {
  readonly #request: JsonObject
  #echo: string | undefined

  constructor(request: JsonObject) {
    this.#request = request
  }

  write({ id, model, createdAt, status, output, incomplete, error, usage }: ResponseState): string {
    this.#echo ??= writeEcho(this.#request)
    const head = JSON.stringify({
      id,
      object: 'response',
      created_at: createdAt,
      status,
      error: error ?? null,
      incomplete_details: incomplete === undefined ? null : { reason: incomplete },
      model,
    })
    const tail = JSON.stringify({ usage: usage ?? null })
    return `${head.slice(0, -1)},"output":[${output.join(',')}],${this.#echo},${tail.slice(1)}`
  }
}

/** Members without their braces. Nothing is kept, whatever the client asked for. */
function writeEcho(request: JsonObject): string {
  const echo: JsonObject = { store: false }
  for (const [name, standard] of Object.entries(ECHOED)) echo[name] = request[name] ?? standard
  const { text } = echo
  if (isObject(text) && !isObject(text['format'])) echo['text'] = { format: { type: 'text' }, ...text }
  return JSON.stringify(echo).slice(1, -1)
}
