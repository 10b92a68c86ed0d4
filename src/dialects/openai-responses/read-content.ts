import { asArray, asObject, asString, isObject, type JsonObject } from '../../core/json.ts'
import { readUrl } from '../../core/media.ts'
import type { FilePart, ImagePart, MediaSource, Part, TextPart } from '../../core/request.ts'
import { readAnnotations } from './annotations.ts'
import { DIALECT, FILES_OF } from './dialect-name.ts'

/** A message's content, or the output of a tool: a text, or a list of parts. */
export function readContent(content: unknown): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return asArray(content).filter(isObject).map(readPart)
}

function readPart(part: JsonObject): Part {
  switch (part['type']) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return readText(part)
    case 'refusal':
      return { type: 'refusal', text: asString(part['refusal']) ?? '' }
    case 'input_image':
      return readImage(part) ?? opaque(part)
    case 'input_file':
      return readFile(part) ?? opaque(part)
    case 'input_audio': {
      const { data, format } = asObject(part['input_audio'])
      if (typeof data !== 'string' || typeof format !== 'string') return opaque(part)
      return { type: 'audio', source: { kind: 'base64', mediaType: `audio/${format}`, data } }
    }
    default:
      return opaque(part)
  }
}

/** What only this dialect knows. */
export function opaque(value: JsonObject): Part {
  return { type: 'opaque', dialect: DIALECT, value }
}

/** Whether a part ends what may be cached. */
function readMark(part: JsonObject): Pick<TextPart, 'cache'> {
  return isObject(part['prompt_cache_breakpoint']) ? { cache: {} } : {}
}

function readText(part: JsonObject): TextPart {
  const annotations = readAnnotations(part['annotations'])
  return {
    type: 'text',
    text: asString(part['text']) ?? '',
    ...(annotations.length > 0 && { annotations }),
    ...readMark(part),
  }
}

function readImage(part: JsonObject): ImagePart | undefined {
  const url = asString(part['image_url'])
  const source = url === undefined ? readFileId(part) : readUrl(url)
  if (!source) return undefined
  const detail = asString(part['detail'])
  return { type: 'image', source, ...(detail !== undefined && { detail }), ...readMark(part) }
}

function readFile(part: JsonObject): FilePart | undefined {
  const data = asString(part['file_data'])
  const url = asString(part['file_url'])
  const source = data !== undefined ? readData(data) : url === undefined ? readFileId(part) : readFileUrl(url)
  if (!source) return undefined
  const name = asString(part['filename'])
  return { type: 'file', source, ...(name !== undefined && { name }), ...readMark(part) }
}

/** `file_data` is a data URL; bare base64 is taken for the PDF that it nearly always is. */
function readData(data: string): MediaSource {
  const source = readUrl(data)
  return source.kind === 'url' ? { kind: 'base64', mediaType: 'application/pdf', data } : source
}

/** Other dialects want to be told what a file is; its ending is all that there is to tell. */
function readFileUrl(url: string): MediaSource {
  const source = readUrl(url)
  const isPdf = source.kind === 'url' && /\.pdf$/i.test(url)
  return isPdf ? { ...source, mediaType: 'application/pdf' } : source
}

function readFileId(part: JsonObject): MediaSource | undefined {
  const id = asString(part['file_id'])
  return id === undefined ? undefined : { kind: 'file-id', id, dialect: FILES_OF }
}
