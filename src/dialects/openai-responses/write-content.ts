import { GatewayError } from '../../core/error.ts'
import type { JsonObject, JsonValue } from '../../core/json.ts'
import { writeUrl } from '../../core/media.ts'
import type { FilePart, ImagePart, MediaSource, Part, TextPart } from '../../core/request.ts'
import { writeAnnotation } from './annotations.ts'
import { DIALECT, FILES_OF } from './dialect-name.ts'

/**
 * What a user, an instruction or a tool says. A single text is a plain string, which every compatible server reads. What
 * has no place is left out and named in `dropped`.
 */
export function writeInputContent(parts: readonly Part[], dropped: Set<string>): JsonValue {
  const [only] = parts
  if (parts.length === 1 && only?.type === 'text') {
    noteMark(only, dropped)
    return only.text
  }
  return parts.flatMap((part) => writeInputPart(part, dropped) ?? [])
}

function writeInputPart(part: Part, dropped: Set<string>): JsonObject | undefined {
  if ('cache' in part) noteMark(part, dropped)
  switch (part.type) {
    case 'text':
    case 'refusal':
      return { type: 'input_text', text: part.text }
    case 'image':
      return writeImage(part)
    case 'file':
      return writeFile(part, dropped)
    case 'audio':
      if (part.source.kind !== 'base64') throw notServed('sound', part.source)
      return {
        type: 'input_audio',
        input_audio: { data: part.source.data, format: part.source.mediaType.replace('audio/', '') },
      }
    case 'opaque':
      if (part.dialect === undefined || part.dialect === DIALECT) return part.value
      dropped.add('messages.opaque')
      return undefined
    default:
      return undefined
  }
}

/** Prompts are cached without marks here. */
function noteMark({ cache }: Pick<TextPart, 'cache'>, dropped: Set<string>): void {
  if (cache) dropped.add('cache')
}

function writeImage({ source, detail }: ImagePart): JsonObject {
  return {
    type: 'input_image',
    ...(source.kind === 'file-id' ? writeFileId(source) : { image_url: urlOf(source, 'a picture') }),
    ...(detail !== undefined && { detail }),
  }
}

function writeFile({ source, name, context, citations }: FilePart, dropped: Set<string>): JsonObject {
  if (context !== undefined) dropped.add('messages.context')
  if (citations !== undefined) dropped.add('messages.citations')
  const filename = name === undefined ? {} : { filename: name }
  switch (source.kind) {
    case 'text':
      return { type: 'input_text', text: source.text }
    case 'file-id':
      return { type: 'input_file', ...writeFileId(source) }
    case 'url':
      return { type: 'input_file', file_url: source.url, ...filename }
    case 'base64':
      // The API insists on a name here.
      return {
        type: 'input_file',
        filename: name ?? `file.${source.mediaType.split('/')[1] ?? 'pdf'}`,
        file_data: urlOf(source, 'a file'),
      }
  }
}

function writeFileId(source: Extract<MediaSource, { kind: 'file-id' }>): JsonObject {
  if (source.dialect !== FILES_OF && source.dialect !== DIALECT) throw notServed('a file', source)
  return { file_id: source.id }
}

function urlOf(source: MediaSource, what: string): string {
  const url = writeUrl(source)
  if (url === undefined) throw notServed(what, source)
  return url
}

function notServed(what: string, { kind }: MediaSource): GatewayError {
  const given = kind === 'file-id' ? 'the id of a file that another provider keeps' : `a ${kind}`
  return new GatewayError(
    `'{parameter}' has ${what} as ${given}, which this route's provider cannot read; send it as base64.`,
    { kind: 'bad_request', status: 422, parameter: 'messages' },
  )
}

/** What the model said, texts and refusals. */
export function writeOutputContent(parts: readonly Part[], dropped: Set<string>): JsonValue {
  const [only] = parts
  if (parts.length === 1 && only?.type === 'text' && !only.annotations) {
    noteMark(only, dropped)
    return only.text
  }
  return parts.flatMap((part) => writeOutputPart(part, dropped) ?? [])
}

function writeOutputPart(part: Part, dropped: Set<string>): JsonObject | undefined {
  if (part.type === 'refusal') return { type: 'refusal', refusal: part.text }
  if (part.type !== 'text') {
    dropped.add(`messages.${part.type}`)
    return undefined
  }
  noteMark(part, dropped)
  const annotations = (part.annotations ?? []).map((annotation) => writeAnnotation(annotation, part.text))
  if (annotations.includes(undefined)) dropped.add('messages.annotations')
  return {
    type: 'output_text',
    text: part.text,
    annotations: annotations.filter((annotation) => annotation !== undefined),
  }
}
