import { GatewayError } from '../../core/error.ts'
import type { JsonObject } from '../../core/json.ts'
import { writeUrl } from '../../core/media.ts'
import type { AudioPart, FilePart, ImagePart, Part } from '../../core/request.ts'
import { audioFormatOf } from './audio-format.ts'
import { DIALECT } from './dialect-name.ts'
import type { Writing } from './writing.ts'

/** An entry of `content`; undefined for what stands elsewhere or is left out. Throws a 422 for media that cannot be sent. */
export function writePart(part: Part, writing: Writing): JsonObject | undefined {
  const written = writeBare(part, writing)
  if (!written || !('cache' in part) || !part.cache) return written
  if (writing.takesCacheMarks) return { ...written, cache_control: { type: 'ephemeral', ...part.cache } }
  writing.dropped.add('cache')
  return written
}

function writeBare(part: Part, { dropped }: Writing): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      if (part.annotations?.length) dropped.add('messages.annotations')
      return { type: 'text', text: part.text }
    case 'refusal':
      return { type: 'refusal', refusal: part.text }
    case 'image':
      return writeImage(part)
    case 'audio':
      return writeAudio(part)
    case 'file':
      return writeFile(part, dropped)
    case 'opaque':
      if (part.dialect === undefined || part.dialect === DIALECT) return part.value
      dropped.add('messages.opaque')
      return undefined
    case 'thinking':
    case 'redacted-thinking':
    case 'tool-call':
    case 'tool-result':
      return undefined
  }
}

function writeImage({ source, detail }: ImagePart): JsonObject {
  const url = writeUrl(source)
  if (url === undefined) throw cannotSend('an image that is kept under an id')
  return { type: 'image_url', image_url: { url, ...(detail !== undefined && { detail }) } }
}

function writeAudio({ source }: AudioPart): JsonObject {
  if (source.kind !== 'base64') throw cannotSend('sound that is not in the request itself, as base64')
  return {
    type: 'input_audio',
    input_audio: { data: source.data, format: audioFormatOf(source.mediaType) },
  }
}

/** A document given as text is sent as one; others must have a name. */
function writeFile({ source, name, context, citations }: FilePart, dropped: Set<string>): JsonObject {
  if (context !== undefined) dropped.add('messages.context')
  if (citations) dropped.add('messages.citations')
  switch (source.kind) {
    case 'text':
      return { type: 'text', text: name === undefined ? source.text : `${name}\n\n${source.text}` }
    case 'file-id':
      if (source.dialect !== DIALECT) throw cannotSend("a file of another provider's")
      return { type: 'file', file: { file_id: source.id } }
    case 'url':
      throw cannotSend('a file by its URL; send its content as base64')
    case 'base64': {
      const file_data = writeUrl(source) ?? ''
      return { type: 'file', file: { filename: name ?? 'file.pdf', file_data } }
    }
  }
}

function cannotSend(what: string): GatewayError {
  return new GatewayError(`The provider of this route cannot be sent ${what}.`, {
    kind: 'bad_request',
    status: 422,
    parameter: 'messages',
  })
}
