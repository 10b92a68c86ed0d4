import {
  LLMock,
  type ChatCompletionRequest,
  type ChatMessage,
  type TextResponse,
  type ToolCallResponse,
} from '@copilotkit/aimock'

/** Beyond ASCII, with quotes and a line break: what is lost first when bytes are handled carelessly. */
export const SPOKEN = 'Grüße aus 東京 🙂,\nsaid "Ada"'
/** The calls that a question about the weather gets. */
export const CALLS = [
  { name: 'get_weather', arguments: { city: 'Zürich', days: 2 } },
  { name: 'get_weather', arguments: { city: '東京', days: 2 } },
] as const

/** A server by others that speaks the APIs of most providers, with answers of ours. Its URL is `url`. */
export async function startForeignUpstream(): Promise<LLMock> {
  const upstream = new LLMock({ port: 0, host: '127.0.0.1', chunkSize: 3, journalMaxEntries: 50 })
  upstream
    .on({ predicate: asksForFile }, readFile)
    .on({ predicate: (request) => results(request).length > 0 }, (request) => ({
      content: `The tools said: ${results(request).join(' | ')}`,
    }))
    .onMessage('weather', {
      toolCalls: CALLS.map((call) => ({ name: call.name, arguments: JSON.stringify(call.arguments) })),
    })
    .onMessage('greet', { content: SPOKEN })
    .onMessage('too long', { content: 'This answer is cut', finishReason: 'length' })
    .onMessage('too often', {
      error: { message: 'Slow down, please.', type: 'rate_limit_error' },
      status: 429,
    })
    .onEmbedding(/./, { embedding: [0.25, -0.5, 1] })
  await upstream.start()
  return upstream
}

/** A route to each API of the upstream, for a configuration file. */
export function routesTo(url: string): unknown[] {
  const route = (type: string, models: Readonly<Record<string, Model>>): unknown[] =>
    Object.entries(models).map(([name, model]) => ({
      name,
      type,
      model: { provider: model.provider, name: model.model, config: model.config(url) },
    }))
  return [...route('llm/v1/chat', MODELS), ...route('llm/v1/embeddings', EMBEDDERS)]
}

interface Model {
  provider: string
  model: string
  config(url: string): Readonly<Record<string, unknown>>
}

const KEY = 'a-key-of-the-gateway'

const openai = (url: string): Record<string, unknown> => ({
  openai_api_key: KEY,
  openai_api_base: `${url}/v1`,
})
const cohere = (url: string): Record<string, unknown> => ({ cohere_api_key: KEY, cohere_api_base: url })

/** The routes to models that chat. */
export const MODELS = {
  openai: { provider: 'openai', model: 'gpt-5-mini', config: openai },
  azure: {
    provider: 'openai',
    model: 'gpt-5-mini',
    config: (url) => ({
      openai_api_type: 'azure',
      openai_api_key: KEY,
      openai_api_base: url,
      openai_api_version: '2024-10-21',
      openai_deployment_name: 'a-deployment',
    }),
  },
  openrouter: {
    provider: 'openrouter',
    model: 'openai/gpt-5-mini',
    config: (url) => ({ openrouter_api_key: KEY, openrouter_api_base: `${url}/api/v1` }),
  },
  anthropic: {
    provider: 'anthropic',
    model: 'claude-sonnet-4-5',
    config: (url) => ({ anthropic_api_key: KEY, anthropic_api_base: url }),
  },
  gemini: {
    provider: 'gemini',
    model: 'gemini-2.5-flash',
    config: (url) => ({ gemini_api_key: KEY, gemini_api_base: url }),
  },
  cohere: { provider: 'cohere', model: 'command-a-03-2025', config: cohere },
  bedrock: {
    provider: 'bedrock',
    model: 'amazon.nova-lite-v1:0',
    config: (url) => ({
      bedrock_api_base: url,
      aws_bearer_token: KEY,
      aws_config: { aws_region: 'us-east-1' },
    }),
  },
  ollama: { provider: 'ollama', model: 'qwen3', config: (url) => ({ ollama_api_base: url }) },
} satisfies Record<string, Model>

/** The routes to models that embed. The upstream has no batchEmbedContents, and Ollama's in an older shape only. */
export const EMBEDDERS = {
  'openai-embeddings': { provider: 'openai', model: 'text-embedding-3-small', config: openai },
  'cohere-embeddings': { provider: 'cohere', model: 'embed-v4.0', config: cohere },
} satisfies Record<string, Model>

/** Why a client's question cannot be asked of this upstream; undefined when it can. */
export function gapOf(client: string, route: string, question: string): string | undefined {
  if (client === 'anthropic' && route === 'openrouter') return 'it has no /messages below /api/v1'
  if (route === 'ollama' && question.includes('cut')) return 'its done_reason is always "stop"'
  return undefined
}

/** The file that agents are asked to read. */
export const FILE = 'note.txt'

/** How to read the file with the tools of each agent. */
const READERS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Read: { file_path: FILE },
  read_file: { file_path: FILE },
  exec_command: { cmd: `cat ${FILE}` },
  shell: { command: ['cat', FILE] },
}

function asksForFile({ messages, tools }: ChatCompletionRequest): boolean {
  return (
    (tools ?? []).length > 0 &&
    messages.some((message) => message.role === 'user' && textOf(message).includes(FILE))
  )
}

/** Calls whichever tool of the agent reads files, and then says what the tool said. */
function readFile({ messages, tools = [] }: ChatCompletionRequest): ToolCallResponse | TextResponse {
  const result = messages.findLast(({ role }) => role === 'tool')
  if (result) return { content: `The file says: ${textOf(result)}` }
  const reader = tools.map((tool) => tool.function.name).find((name) => name in READERS)
  if (reader === undefined) throw new Error('no tool reads files')
  return { toolCalls: [{ name: reader, arguments: JSON.stringify(READERS[reader]) }] }
}

/** What tools have answered to the last message of the user. */
function results({ messages }: ChatCompletionRequest): string[] {
  const asked = messages.findLastIndex(({ role }) => role === 'user')
  return messages
    .slice(asked + 1)
    .filter(({ role }) => role === 'tool')
    .map(textOf)
}

function textOf({ content }: ChatMessage): string {
  return typeof content === 'string' ? content : (content ?? []).map(({ text = '' }) => text).join('')
}
