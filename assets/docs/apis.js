/** The three generations of query paths, with the shape of body that each one takes. */
export const APIS = [
  { id: 'gateway', label: '/gateway/{name}/invocations', path: (name) => `gateway/${name}/invocations` },
  {
    id: 'endpoints',
    label: '/endpoints/{name}/invocations',
    path: (name) => `endpoints/${name}/invocations`,
  },
  { id: 'seed', label: '/gateway/routes/{name}', path: (name) => `gateway/routes/${name}` },
]

/** Where the gateway is, also behind a path prefix: the folder that this page lies in. */
export const base = new URL('.', location.href)

export function queryUrl(api, routeName) {
  return new URL(api.path(encodeURIComponent(routeName)), base).href
}

/** `mlflow` or `openai`. `invocationsShape` is the server's setting for the first path. */
export function shapeOf(api, invocationsShape) {
  if (api.id === 'gateway') return invocationsShape
  return api.id === 'endpoints' ? 'openai' : 'mlflow'
}

/** The settings that a person has filled in, in the words of the shape. Empty ones are left out. */
export function samplingFields({ temperature, maxTokens, candidates }, shape) {
  const fields = {}
  if (temperature !== undefined) fields.temperature = temperature
  if (maxTokens !== undefined) fields.max_tokens = maxTokens
  if (candidates !== undefined) fields[shape === 'openai' ? 'n' : 'candidate_count'] = candidates
  return fields
}

export function embeddingsBody(texts, shape) {
  return shape === 'openai' ? { input: texts } : { text: texts }
}

/** What both shapes of an answer say, in one. */
export function readReply(json) {
  const usage = json.usage ?? {}
  const metadata = json.metadata ?? {}
  return {
    answers: readAnswers(json),
    vectors: json.embeddings ?? (Array.isArray(json.data) ? json.data.map(({ embedding }) => embedding) : []),
    usage: {
      input: usage.prompt_tokens ?? metadata.input_tokens,
      output: usage.completion_tokens ?? metadata.output_tokens,
    },
  }
}

function readAnswers({ candidates, choices }) {
  const list = candidates ?? choices ?? []
  return list.map((answer) => ({
    text: answer.message?.content ?? answer.text ?? '',
    reason: answer.finish_reason ?? answer.metadata?.finish_reason,
    toolCalls: answer.message?.tool_calls,
  }))
}
