import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import { readUrl } from '../../core/media.ts'
import type {
  AudioPart,
  CacheMark,
  FilePart,
  ImagePart,
  Part,
  RefusalPart,
  TextPart,
} from '../../core/request.ts'

type KnownPart = TextPart | RefusalPart | ImagePart | AudioPart | FilePart

/** A message's `content`: a text, or a list of parts. `dialect` is whose the unknown parts are; absent: anyone's. */
export function readContent(content: JsonValue | undefined, dialect: string | undefined): Part[] {
  if (content === undefined || content === null) return []
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return asArray(content)
    .filter(isObject)
    .map((part) => readPart(part, dialect))
}

function readPart(part: JsonObject, dialect: string | undefined): Part {
  const cache = readCacheMark(part['cache_control'])
  const read = readKnown(part)
  if (read) return cache && read.type !== 'refusal' ? { ...read, cache } : read
  return { type: 'opaque', value: part, ...(dialect === undefined ? {} : { dialect }) }
}

function readKnown(part: JsonObject): KnownPart | undefined {
  switch (part['type']) {
    case 'text':
      return { type: 'text', text: asString(part['text']) ?? '' }
    case 'refusal':
      return { type: 'refusal', text: asString(part['refusal']) ?? '' }
    case 'image_url':
      return readImage(part['image_url'])
    case 'input_audio':
      return readAudio(asObject(part['input_audio']))
    case 'file':
      return readFile(asObject(part['file']))
    default:
      return undefined
  }
}

function readImage(image: JsonValue | undefined): KnownPart | undefined {
  const { url, detail } = asObject(image)
  if (typeof url !== 'string') return undefined
  return { type: 'image', source: readUrl(url), ...(typeof detail === 'string' ? { detail } : {}) }
}

function readAudio({ data, format }: JsonObject): KnownPart | undefined {
  if (typeof data !== 'string' || typeof format !== 'string') return undefined
  return { type: 'audio', source: { kind: 'base64', mediaType: `audio/${format}`, data } }
}

function readFile({ file_data: data, file_id: id, filename }: JsonObject): FilePart | undefined {
  const name = typeof filename === 'string' ? { name: filename } : {}
  if (typeof id === 'string')
    return { type: 'file', source: { kind: 'file-id', id, dialect: 'openai' }, ...name }
  if (typeof data !== 'string') return undefined
  const source = readUrl(data)
  if (source.kind === 'base64') return { type: 'file', source, ...name }
  // Some clients send the base64 without the words in front.
  if (/^https?:/i.test(data)) return { type: 'file', source, ...name }
  return { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data }, ...name }
}

/** `cache_control`, as OpenRouter and others take it from OpenAI's clients in Anthropic's words. */
export function readCacheMark(mark: JsonValue | undefined): CacheMark | undefined {
  if (!isObject(mark) || mark['type'] !== 'ephemeral') return undefined
  const { ttl } = mark
  return ttl === '5m' || ttl === '1h' ? { ttl } : {}
}
