import { asString, type JsonObject } from '../../core/json.ts'

/** One block of content. */
export interface Block {
  json: JsonObject
  /** The `input` of a tool call as JSON text, so that numbers too large for JavaScript stay as they are. */
  input?: string
}

/**
 * The blocks of one turn as JSON text; a single text as a string. Texts of nothing or white space (as in an answer of
 * tool calls alone) are left out, because Anthropic refuses them; content without anything else stays empty, for
 * Anthropic to say so.
 */
export function writeContent(blocks: readonly Block[]): string {
  const filled = blocks.filter(({ json }) => !isEmptyText(json))
  const [only] = filled
  if (only === undefined) return '""'
  if (filled.length === 1 && isPlainText(only.json)) return JSON.stringify(only.json.text)
  return `[${filled.map(writeBlock).join()}]`
}

export function writeBlock({ json, input }: Block): string {
  const text = JSON.stringify(json)
  return input === undefined ? text : `${text.slice(0, -1)},"input":${input}}`
}

/** A text without a cache mark or citations. */
export function isPlainText(block: JsonObject): block is JsonObject & { text: string } {
  return block['type'] === 'text' && typeof block['text'] === 'string' && Object.keys(block).length === 2
}

export function isEmptyText(block: JsonObject): boolean {
  return block['type'] === 'text' && !/\S/.test(asString(block['text']) ?? '')
}
