import { asArray, asObject, asString, type JsonObject } from '../../core/json.ts'
import { textOf, type MockChat, type MockTool } from './chat-request.ts'
import type { Random } from './random.ts'
import type { Hints } from './schema-text.ts'
import { valueFor } from './schema-value.ts'
import type { ToolResult } from './text.ts'
import { isStopWord, keyWords, namesIn, stem, wordsOf } from './words.ts'

/** A call of a function, with its arguments as JSON text. */
export interface ToolCall {
  id: string
  name: string
  arguments: string
}

/** Words that half of all tools have in their names. */
const GENERIC: ReadonlySet<string> = new Set(
  'call check create current data execute fetch find function get information list look lookup query return run search set tool update use user value'.split(
    ' ',
  ),
)
const MOST_CALLS = 3
const LOOKED_AT = 2000

/**
 * The calls to answer with: what `tool_choice` requires, else the tools whose name or description shares a word with
 * the prompt. Empty means to answer in text.
 */
export function chooseCalls(chat: MockChat, prompt: string, random: Random): ToolCall[] {
  if (chat.tools.length === 0 || chat.toolChoice.type === 'none') return []
  const text = prompt.slice(0, LOOKED_AT)
  const chosen = chooseTools(chat, text)
  if (chosen.length === 0) return []
  const hints = hintsOf(text)
  return chosen.map(({ name, parameters }) => ({
    id: `call_${random.id(24)}`,
    name,
    arguments: JSON.stringify(valueFor({ type: 'object', ...parameters }, { hints, random })),
  }))
}

/** What generated values may draw on from a prompt. */
export function hintsOf(text: string): Hints {
  return {
    text,
    names: namesIn(text),
    words: keyWords(text, 6),
    numbers: (text.match(/-?\d+(?:\.\d+)?/g) ?? []).slice(0, 20).map(Number),
  }
}

/** The results of tools at the end of a conversation, in order; empty when it ends otherwise. */
export function lastResults(messages: readonly JsonObject[]): ToolResult[] {
  const start = messages.findLastIndex((message) => !isResult(message)) + 1
  if (start === messages.length) return []
  const names = new Map<string, string>()
  for (const message of messages) {
    for (const call of asArray(message['tool_calls']).map(asObject))
      names.set(asString(call['id']) ?? '', asString(asObject(call['function'])['name']) ?? '')
  }
  return messages.slice(start).map((message) => ({
    name: names.get(asString(message['tool_call_id']) ?? '') ?? asString(message['name']) ?? 'the tool',
    content: textOf(message),
  }))
}

function chooseTools({ tools, toolChoice, parallelCalls }: MockChat, text: string): MockTool[] {
  if (toolChoice.type === 'tool') return tools.filter(({ name }) => name === toolChoice.name).slice(0, 1)
  const spoken = new Set(wordsOf(text).map(stem))
  const named = tools.filter(({ name }) => wordsOfName(name).some((word) => spoken.has(word)))
  if (named.length > 0) return named.slice(0, parallelCalls ? MOST_CALLS : 1)
  const described = tools.find(({ description }) =>
    tellingWords(description).some((word) => spoken.has(word)),
  )
  if (described) return [described]
  return toolChoice.type === 'required' ? tools.slice(0, 1) : []
}

/** The telling words of `get_weather`, `getWeather` or `weather.get`; all its words when none is telling. */
function wordsOfName(name: string): string[] {
  const spaced = name.replaceAll(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2').replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
  const words = wordsOf(spaced).map(stem)
  const telling = words.filter((word) => word.length > 2 && !GENERIC.has(word) && !isStopWord(word))
  return telling.length > 0 ? telling : words
}

function tellingWords(text: string): string[] {
  return wordsOf(text.slice(0, LOOKED_AT))
    .map(stem)
    .filter((word) => word.length > 3 && !GENERIC.has(word) && !isStopWord(word))
}

function isResult(message: JsonObject): boolean {
  return message['role'] === 'tool' || message['role'] === 'function'
}
