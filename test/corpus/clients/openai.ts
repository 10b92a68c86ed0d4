import OpenAI from 'openai'
import {
  argumentsText,
  closeCalls,
  nothing,
  numberOf,
  parseArguments,
  textOf,
  type OpenCall,
  type Said,
} from '../expected/reply.ts'
import { PROMPT, type Client, type Question } from './client.ts'

type Message = Partial<OpenAI.ChatCompletionMessage> & Thinking
type Delta = OpenAI.ChatCompletionChunk.Choice.Delta & Thinking

/** What servers add to OpenAI's messages. */
interface Thinking {
  reasoning_content?: string
  reasoning?: string
  reasoning_details?: { text?: string }[]
}

/** The `openai` package, chat completions. */
export const openAiChatClient: Client = {
  name: 'openai chat',
  speaks: 'openai-chat',
  lacks: ['cacheWrite'],
  ask: (question) => (question.stream ? streamChat(question) : wholeChat(question)),
  failureOf,
}

function connect({ url }: Question): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'a-client-key', maxRetries: 0 })
}

async function wholeChat(question: Question): Promise<Said> {
  const answer = await connect(question).chat.completions.create({
    model: question.route,
    messages: [{ role: 'user', content: PROMPT }],
  })
  const said = nothing()
  const choice = answer.choices.find(({ index }) => index === 0)
  const message: Message = choice?.message ?? {}
  addText(said, message)
  said.calls = (message.tool_calls ?? []).flatMap((call) =>
    call.type === 'function'
      ? { name: call.function.name, arguments: parseArguments(argumentsText(call.function.arguments)) }
      : [],
  )
  said.finish = choice?.finish_reason ?? ''
  readUsage(said, answer.usage)
  return said
}

async function streamChat(question: Question): Promise<Said> {
  const chunks = await connect(question).chat.completions.create({
    model: question.route,
    messages: [{ role: 'user', content: PROMPT }],
    stream: true,
    stream_options: { include_usage: true },
  })
  const said = nothing()
  const calls = new Map<number, OpenCall>()
  for await (const { choices, usage } of chunks) {
    readUsage(said, usage ?? undefined)
    const choice = choices.find(({ index }) => index === 0)
    const delta: Delta = choice?.delta ?? {}
    addText(said, delta)
    for (const { index, function: called } of delta.tool_calls ?? []) {
      const open = calls.get(index) ?? { name: '', json: '' }
      open.name += textOf(called?.name)
      open.json += argumentsText(called?.arguments ?? '')
      calls.set(index, open)
    }
    said.finish = choice?.finish_reason ?? said.finish
  }
  said.calls = closeCalls([...calls.values()])
  return said
}

function addText(said: Said, message: Message | Delta): void {
  said.text += textOf(message.content)
  said.refusal += textOf(message.refusal)
  const details = (message.reasoning_details ?? []).map(({ text }) => textOf(text)).join('')
  said.thinking += textOf(message.reasoning_content) || textOf(message.reasoning) || details
}

function readUsage({ usage }: Said, counts: OpenAI.CompletionUsage | null | undefined): void {
  if (!counts) return
  usage.input = numberOf(counts.prompt_tokens)
  usage.output = numberOf(counts.completion_tokens)
  usage.cacheRead = numberOf(counts.prompt_tokens_details?.cached_tokens)
  usage.reasoning = numberOf(counts.completion_tokens_details?.reasoning_tokens)
  // As xAI counts.
  if (counts.total_tokens === usage.input + usage.output + usage.reasoning) usage.output += usage.reasoning
}

/** The `openai` package, completions of old. */
export const openAiCompletionsClient: Client = {
  name: 'openai completions',
  speaks: 'openai-completions',
  lacks: ['cacheWrite'],
  ask: (question) => (question.stream ? streamCompletion(question) : wholeCompletion(question)),
  failureOf,
}

async function wholeCompletion(question: Question): Promise<Said> {
  const answer = await connect(question).completions.create({ model: question.route, prompt: PROMPT })
  const said = nothing()
  addCompletion(said, answer)
  return said
}

async function streamCompletion(question: Question): Promise<Said> {
  const params = {
    model: question.route,
    prompt: PROMPT,
    stream: true,
    stream_options: { include_usage: true },
  } as const
  const said = nothing()
  for await (const chunk of await connect(question).completions.create(params)) addCompletion(said, chunk)
  return said
}

function addCompletion(said: Said, { choices, usage }: OpenAI.Completion): void {
  const choice = choices.find(({ index }) => index === 0)
  said.text += choice?.text ?? ''
  said.finish = choice?.finish_reason ?? said.finish
  readUsage(said, usage)
}

/** The `openai` package, responses. */
export const openAiResponsesClient: Client = {
  name: 'openai responses',
  speaks: 'openai-responses',
  lacks: [],
  ask: (question) => (question.stream ? streamResponse(question) : wholeResponse(question)),
  failureOf,
}

async function wholeResponse(question: Question): Promise<Said> {
  const response = await connect(question).responses.create({ model: question.route, input: PROMPT })
  const said = nothing()
  readOutput(said, response)
  return said
}

async function streamResponse(question: Question): Promise<Said> {
  const events = await connect(question).responses.create({
    model: question.route,
    input: PROMPT,
    stream: true,
  })
  const said = nothing()
  const streamed = nothing()
  for await (const event of events) {
    if (event.type === 'response.output_text.delta') streamed.text += event.delta
    if (event.type === 'response.refusal.delta') streamed.refusal += event.delta
    if (event.type === 'response.reasoning_summary_text.delta') streamed.thinking += event.delta
    if (event.type === 'response.reasoning_text.delta') streamed.thinking += event.delta
    if (event.type === 'response.output_item.done' && event.item.type === 'function_call') {
      streamed.calls.push({ name: event.item.name, arguments: parseArguments(event.item.arguments) })
    }
    if (event.type === 'response.completed' || event.type === 'response.incomplete') {
      readOutput(said, event.response)
    }
    if (event.type === 'response.failed')
      throw new OpenAI.OpenAIError(event.response.error?.message ?? 'failed')
    if (event.type === 'error') throw new OpenAI.OpenAIError(event.message)
  }
  return { ...said, ...streamed, finish: said.finish, usage: said.usage }
}

function readOutput(said: Said, response: OpenAI.Responses.Response): void {
  for (const item of response.output) {
    if (item.type === 'function_call') {
      said.calls.push({ name: item.name, arguments: parseArguments(item.arguments) })
    } else if (item.type === 'reasoning') {
      for (const { text } of [...item.summary, ...(item.content ?? [])]) said.thinking += text
    } else if (item.type === 'message') {
      for (const part of item.content) {
        if (part.type === 'output_text') said.text += part.text
        else said.refusal += part.refusal
      }
    }
  }
  if (response.status === 'incomplete') {
    said.finish = response.incomplete_details?.reason === 'content_filter' ? 'content_filter' : 'length'
  } else said.finish = response.output.some(({ type }) => type === 'function_call') ? 'tool_calls' : 'stop'
  const { usage } = response
  said.usage = {
    input: numberOf(usage?.input_tokens),
    output: numberOf(usage?.output_tokens),
    cacheRead: numberOf(usage?.input_tokens_details?.cached_tokens),
    cacheWrite: numberOf(usage?.input_tokens_details?.cache_write_tokens),
    reasoning: numberOf(usage?.output_tokens_details?.reasoning_tokens),
  }
}

function failureOf(error: unknown): ReturnType<Client['failureOf']> {
  if (error instanceof OpenAI.APIError) {
    const status: unknown = error.status
    return { status: typeof status === 'number' ? status : undefined, message: error.message }
  }
  return error instanceof OpenAI.OpenAIError ? { status: undefined, message: error.message } : undefined
}
