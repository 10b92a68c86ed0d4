import type { ChatRequest, Part } from '../core/request.ts'

/** What English text and code come to on the common tokenizers. */
export const BYTES_PER_TOKEN = 4
const TOKENS_PER_MESSAGE = 4
/** A picture of about a megapixel, as the large providers count it. */
const TOKENS_PER_IMAGE = 1600
/** A page of a PDF has about 3 KB of base64 for each 60 tokens; large files are mostly pictures. */
export const BASE64_BYTES_PER_TOKEN = 50

/**
 * About how many tokens a prompt has, for providers that cannot count. Within some 20 % for text; callers are told that it
 * is an estimate.
 */
export function estimateTokens({ messages, tools = [] }: ChatRequest): number {
  let tokens = 0
  for (const { parts } of messages) {
    tokens += TOKENS_PER_MESSAGE
    for (const part of parts) tokens += estimatePart(part)
  }
  for (const tool of tools) tokens += textTokens(JSON.stringify(tool))
  return Math.ceil(tokens)
}

function estimatePart(part: Part): number {
  switch (part.type) {
    case 'text':
    case 'thinking':
    case 'refusal':
      return textTokens(part.text)
    case 'tool-call':
      return textTokens(part.name) + textTokens(part.arguments)
    case 'tool-result':
      return part.parts.reduce((sum, inner) => sum + estimatePart(inner), 0)
    case 'image':
      return TOKENS_PER_IMAGE
    case 'file':
    case 'audio':
      if (part.source.kind === 'text') return textTokens(part.source.text)
      return part.source.kind === 'base64'
        ? part.source.data.length / BASE64_BYTES_PER_TOKEN
        : TOKENS_PER_IMAGE
    case 'redacted-thinking':
      return textTokens(part.state.data)
    case 'opaque':
      return textTokens(JSON.stringify(part.value))
  }
}

function textTokens(text: string): number {
  return Buffer.byteLength(text) / BYTES_PER_TOKEN
}
