import type { Client } from './clients/client.ts'
import type { Recording } from './recordings.ts'

interface Exception {
  reason: string
  /** Whom it is about; all when absent. */
  clients?: readonly string[]
  /** What is not compared; absent: the client cannot read the answer at all. */
  ignored?: readonly string[]
}

const JOINS_CANDIDATES: Exception = {
  reason: 'the AI SDK joins the texts and calls of all candidates',
  clients: ['ai-sdk openai chat', 'ai-sdk gemini'],
}

const COUNTS_MORE_CACHED: Exception = {
  reason: 'more cached tokens are counted than tokens of the prompt',
  ignored: ['input'],
}

/** Where a client is told otherwise than the recording says, for reasons outside the gateway. */
const EXCEPTIONS: Readonly<Record<string, Exception>> = {
  'openai/chat-tool-parallel-stream--gpt-3-5-turbo': JOINS_CANDIDATES,
  'mistral/chat-n-choices-stream--ministral-3b-latest': JOINS_CANDIDATES,
  'openrouter/messages-server-tool-stream--claude-haiku-4-5': {
    reason: "the bytes pass, and end with a [DONE] that Anthropic's SDK cannot read",
    clients: ['anthropic'],
  },
  'anthropic/synthetic-messages-duplicate-message-start-stream--claude-3-haiku-20240307': {
    reason: "the bytes pass, and Anthropic's SDK does not take their second start",
    clients: ['anthropic'],
  },
  'gemini/stream-generate-tool-no-args': {
    reason: 'the bytes pass, and the SDK does not put pieces of arguments together',
    clients: ['gemini'],
    ignored: ['names', 'arguments'],
  },
  'azure/chat-cache-read--grok-4-1-fast-non-reason': COUNTS_MORE_CACHED,
  'azure/chat-structured--grok-4-1-fast-non-reason': COUNTS_MORE_CACHED,
  'azure/chat-tool-call-stream--grok-4-1-fast-non-reason': COUNTS_MORE_CACHED,
  'openrouter/chat-structured--olmo-3-1-32b-think-free': {
    reason: 'more tokens of thinking are counted than of the answer that holds it',
    ignored: ['output'],
  },
  'openai/chat-legacy-function-call--gpt-3-5-turbo': {
    reason: "the bytes pass, and have OpenAI's calls from before there were tools",
    clients: ['openai chat'],
    ignored: ['names', 'arguments'],
  },
  'gemini/generate-image-output--gemini-2-0-flash-exp-ima': {
    reason: "an image is a block that clients of Anthropic's API can send back, but the AI SDK expects none",
    clients: ['ai-sdk anthropic'],
  },
  'anthropic/messages-programmatic-tool-calling--claude-sonnet-4-5-202509': {
    reason: 'calls beside an end_turn; dialects without a word for the end derive it from the calls',
    ignored: ['finish'],
  },
}

/** Members of an answer that are not compared. */
export function ignoredFor(recording: Recording, client: Client): readonly string[] {
  return find(recording, client)?.ignored ?? []
}

/** Whether a client cannot read an answer, though it is what the provider said. */
export function isUnreadable(recording: Recording, client: Client): boolean {
  const exception = find(recording, client)
  return exception !== undefined && exception.ignored === undefined
}

function find({ id }: Recording, { name }: Client): Exception | undefined {
  const exception = EXCEPTIONS[id]
  return exception?.clients?.includes(name) === false ? undefined : exception
}
