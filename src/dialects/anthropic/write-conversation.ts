import type { JsonObject, JsonValue } from '../../core/json.ts'
import type { ChatRequest, Part } from '../../core/request.ts'
import { isEmptyText, isPlainText, type Block } from './block.ts'
import { PartWriter } from './write-parts.ts'

export interface Conversation {
  /** The blocks of each instruction. */
  instructions: JsonObject[][]
  turns: Turn[]
}

/** One turn: all that one side says before the other does. */
export interface Turn {
  role: string
  blocks: Block[]
}

/**
 * Anthropic wants instructions apart from the conversation, and user and assistant in strict alternation. Its own clients
 * may give instructions on the way, and know which models take them.
 */
export function writeConversation(request: ChatRequest, dropped: Set<string>): Conversation {
  const isOwn = request.extrasDialect === 'anthropic'
  const writer = new PartWriter(dropped)
  const instructions: JsonObject[][] = []
  const turns: Turn[] = []
  for (const { role, parts, extras } of request.messages) {
    for (const name of Object.keys(extras)) dropped.add(`messages.${name}`)
    const said = role === 'assistant' ? parts.filter(isSayable) : parts
    if (said.length < parts.length) dropped.add('messages.media')
    const blocks = writer.write(said)
    const isInstruction = role === 'system' || role === 'developer'
    const isLate = isInstruction && turns.length > 0
    if (isLate && !isOwn) dropped.add('messages.role')
    if (isInstruction && !(isLate && isOwn)) instructions.push(blocks.map(({ json }) => json))
    else if (blocks.length > 0 || parts.length === 0) {
      addTurn(turns, { role: isInstruction ? 'system' : sideOf(role), blocks })
    }
  }
  return { instructions, turns: turns.map(resultsFirst) }
}

/** Anthropic's models make no media, and take none as their own. */
function isSayable({ type }: Part): boolean {
  return type !== 'image' && type !== 'file'
}

function sideOf(role: string): string {
  return role === 'assistant' ? 'assistant' : 'user'
}

function addTurn(turns: Turn[], { role, blocks }: Turn): void {
  const last = turns.at(-1)
  if (last?.role === role) last.blocks.push(...blocks)
  else turns.push({ role, blocks })
}

/** Results of tools come before whatever else a user says. */
function resultsFirst({ role, blocks }: Turn): Turn {
  return { role, blocks: [...blocks.filter(isResult), ...blocks.filter((block) => !isResult(block))] }
}

function isResult({ json }: Block): boolean {
  return json['type'] === 'tool_result'
}

/** Plain texts, one to an instruction, become one text; what a client cut into blocks or marked keeps its form. */
export function writeSystem(instructions: readonly JsonObject[][]): JsonValue | undefined {
  const filled = instructions
    .map((blocks) => blocks.filter((block) => !isEmptyText(block)))
    .filter((blocks) => blocks.length > 0)
  if (filled.length === 0) return undefined
  const texts = filled.flatMap(([only, ...more]) =>
    only && isPlainText(only) && more.length === 0 ? [only.text] : [],
  )
  return texts.length === filled.length ? texts.join('\n\n') : filled.flat()
}
