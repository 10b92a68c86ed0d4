import { partsOf, textOf, type CollectedCandidate, type CollectedPartOf } from '../../core/collect.ts'
import type { PartHead } from '../../core/events.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import { unwrapInput } from '../openai-responses/custom-tools.ts'
import { writeAnnotation } from './annotations.ts'
import { DIALECT } from './dialect-name.ts'
import { writeDetail } from './reasoning-details.ts'
import { writeThoughtSignature } from './thought-signature.ts'

/** What a client's request says of calls. */
export interface CallStyle {
  /** The client's tools of before: the answer holds one `function_call`. */
  isLegacy?: boolean
  /** Tools whose input is text. */
  custom?: ReadonlySet<string>
}

/** A whole answer as OpenAI's `message`. Members without content are left out, as compatible servers do. */
export function writeMessage(candidate: CollectedCandidate, style: CallStyle): JsonObject {
  const text = textOf(candidate, 'text')
  const thinking = textOf(candidate, 'thinking')
  const refusal = textOf(candidate, 'refusal')
  const calls = partsOf(candidate, 'tool-call')
  const details = writeDetails(candidate)
  const annotations = writeAnnotations(candidate)
  const signed = partsOf(candidate, 'text').findLast(({ state }) => state)?.state
  return {
    role: 'assistant',
    content: text === '' && (calls.length > 0 || refusal !== '') ? null : text,
    ...(thinking !== '' && { reasoning_content: thinking }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(refusal !== '' && { refusal }),
    ...(annotations.length > 0 && { annotations }),
    ...(signed && writeThoughtSignature(signed)),
    ...writeMedia([...partsOf(candidate, 'media'), ...partsOf(candidate, 'opaque')]),
    ...writeCalls(calls, style),
  }
}

/** Only what is signed needs more than its text. */
function writeDetails({ parts }: CollectedCandidate): JsonObject[] {
  const isSigned = parts.some(({ kind, state }) => state && kind !== 'text' && kind !== 'tool-call')
  const details: JsonObject[] = []
  for (const { kind, text, state } of isSigned ? parts : []) {
    if (kind === 'redacted-thinking' && state) {
      details.push(writeDetail({ state, isRedacted: true }, details.length))
    } else if (kind === 'thinking') {
      details.push(writeDetail({ text, ...(state && { state }) }, details.length))
    }
  }
  return details
}

function writeAnnotations(candidate: CollectedCandidate): JsonValue[] {
  let offset = 0
  return partsOf(candidate, 'text').flatMap(({ text, annotations }) => {
    const start = offset
    offset += text.length
    return annotations.map((annotation) =>
      writeAnnotation(annotation, { offset: start, length: text.length }),
    )
  })
}

/** What a model drew or said: pictures as OpenRouter has them, sound as OpenAI. */
export function writeMedia(
  parts: readonly Extract<PartHead, { kind: 'media' | 'opaque' }>[],
): JsonObject | undefined {
  const images: JsonObject[] = []
  let audio: JsonObject | undefined
  for (const part of parts) {
    if (part.kind === 'opaque') {
      if (part.dialect === DIALECT && part.value['type'] === 'image_url') images.push(part.value)
    } else if (part.mediaType.startsWith('audio/')) audio = { data: part.data }
    else {
      const url = `data:${part.mediaType};base64,${part.data}`
      images.push({ type: 'image_url', image_url: { url } })
    }
  }
  return { ...(images.length > 0 && { images }), ...(audio && { audio }) }
}

function writeCalls(
  calls: readonly CollectedPartOf<'tool-call'>[],
  { isLegacy = false, custom }: CallStyle,
): JsonObject | undefined {
  const [first] = calls
  if (!first) return undefined
  if (isLegacy) return { function_call: { name: first.name, arguments: first.text } }
  return { tool_calls: writeToolCalls(calls, custom) }
}

/** Whole tool calls in OpenAI's shape. */
export function writeToolCalls(
  calls: readonly CollectedPartOf<'tool-call'>[],
  custom?: ReadonlySet<string>,
): JsonValue {
  return calls.map(({ id, name, text, state }) => ({
    id,
    ...(custom?.has(name)
      ? { type: 'custom', custom: { name, input: unwrapInput(text) } }
      : { type: 'function', function: { name, arguments: text } }),
    ...(state && writeThoughtSignature(state)),
  }))
}
